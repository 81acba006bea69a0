import { describe, expect, test } from 'vitest';
import { ALONE, Life, PAIR, protocol, rejected, S, stalled, unreachable } from '../../../tests/support/publisher-life.ts';
import { INITIAL, type PublisherEvent } from './machine.ts';
import { next } from './state.ts';

describe('one ingest', () => {
  test('a failed first connect is tried again, after 1, 2, 4 … 30 s', () => {
    const life = new Life();
    const waits: number[] = [];
    for (let i = 0; i < 7; i += 1) {
      life.refused();
      waits.push((life.wants.dueUs ?? Number.NaN) / S);
      life.due();
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 30, 30]);
    expect(life.state).toMatchObject({ phase: 'connecting', attempt: 8, graceUntilUs: null });
  });

  test('a server that does not answer is looked for, and tried as soon as it answers', () => {
    const life = new Life().silent(3);
    expect(life.state).toMatchObject({ phase: 'waiting', dueUs: 3 * S });
    expect(life.wants).toEqual({ attempt: null, dueUs: null, knock: ['primary'] });
    expect(life.answered(60).state).toMatchObject({ phase: 'connecting', attempt: 2 });
    expect(life.wants.knock).toEqual([]);
  });

  test('a drop is followed by a reconnect, which is counted, and the grace runs from the drop', () => {
    const life = new Life().connected().lost(60);
    expect(life.state).toMatchObject({ phase: 'waiting', dueUs: 61 * S, graceUntilUs: 150 * S });
    expect(life.due().state).toMatchObject({ phase: 'connecting', graceUntilUs: 150 * S });
    expect(life.connected(62).state).toMatchObject({ phase: 'live', sinceUs: 62 * S, reconnects: 1, ingest: 'primary' });
  });

  test('a connection that went silent is looked for at once', () => {
    expect(new Life().connected().lost(60, stalled).wants).toEqual({ attempt: null, dueUs: null, knock: ['primary'] });
  });

  test('a session that lasted starts the back-off anew, a short one does not', () => {
    const flapping = new Life().refused().due().refused().due().connected(1).lost(2);
    expect(flapping.state).toMatchObject({ phase: 'waiting', attempt: 3, dueUs: 6 * S });
    const lasting = new Life().refused().due().refused().due().connected(1).lost(12);
    expect(lasting.state).toMatchObject({ phase: 'waiting', attempt: 1, dueUs: 13 * S });
  });

  test('whoever asks for another try starts the back-off anew', () => {
    const life = new Life().refused().due().refused().due().refused().retry();
    expect(life.state).toMatchObject({ phase: 'connecting', attempt: 1 });
    expect(life.refused(20).wants.dueUs).toBe(21 * S);
  });

  test('a key rejected on the first publish stops for good', () => {
    const life = new Life().refused(0, rejected).retry().step({ type: 'start' });
    expect(life.state).toEqual({ phase: 'stopped', failure: rejected });
  });

  test('a key rejected after a drop is tried again soon, whatever the back-off, until the grace is over', () => {
    const life = new Life().connected().lost(100);
    for (let atS = 101; atS < 190; atS += 1.5) {
      expect(life.due().refused(atS, rejected).state).toMatchObject({ phase: 'waiting', dueUs: (atS + 1.5) * S });
    }
    expect(life.due().refused(191, rejected).state).toEqual({ phase: 'stopped', failure: rejected });
  });

  test('a server that takes the key, then refuses it, is left alone ever longer, and its grace ends', () => {
    const life = new Life().connected(0).lost(60);
    const waits: number[] = [];
    let atS = 61;
    while (life.due().state.phase === 'connecting') {
      life.connected(atS).lost(atS, rejected);
      if (life.state.phase !== 'waiting') break;
      waits.push(life.state.dueUs / S - atS);
      atS = life.state.dueUs / S;
    }
    expect(waits).toEqual([2, 4, 8, 16, 30, 30]);
    expect(life.state).toEqual({ phase: 'stopped', failure: rejected });
  });

  test('a key refused in the first seconds of the first session was refused at the first publish', () => {
    expect(new Life().connected(0).lost(5, rejected).state).toEqual({ phase: 'stopped', failure: rejected });
    expect(new Life().connected(0).lost(60, rejected).state.phase).toBe('waiting');
    expect(new Life().connected(0).moved(60).connected(61).lost(62, rejected).state.phase).toBe('waiting');
  });

  test('a network that ends a young first session begins the grace, and those that follow do not begin it anew', () => {
    const life = new Life().connected(0).lost(5);
    expect(life.state).toMatchObject({ phase: 'waiting', graceUntilUs: 95 * S });
    expect(life.due().refused(10, rejected).due().connected(12).lost(15).state).toMatchObject({ graceUntilUs: 95 * S });
  });

  test('a server that takes us and then reads nothing gets the back-off, though its port answers each knock', () => {
    const life = new Life();
    const waits: number[] = [];
    for (let atS = 0; waits.length < 7; ) {
      life.connected(atS).lost(atS + 4.5, stalled);
      expect(life.wants).toEqual({ attempt: null, dueUs: null, knock: ['primary'] });
      life.answered(atS + 4.6);
      const dueS = (life.wants.dueUs ?? Number.NaN) / S;
      expect(life.wants.knock).toEqual([]);
      waits.push(dueS - (atS + 4.5));
      life.due();
      atS = dueS;
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 30, 30]);
  });

  test('one that answers only after that back-off is tried at once', () => {
    expect(new Life().connected(0).lost(4.5, stalled).answered(5.6).state.phase).toBe('connecting');
  });

  test('an outage longer than the grace: a key refused within 30 s of the first answer is tried again', () => {
    const life = new Life().connected(0).lost(60, stalled).answered(300);
    expect(life.state).toMatchObject({ phase: 'connecting', graceUntilUs: 330 * S });
    expect(life.refused(301, rejected).state).toMatchObject({ phase: 'waiting', dueUs: 302.5 * S, graceUntilUs: 330 * S });
    expect(life.due().refused(329, rejected).state.phase).toBe('waiting');
    expect(life.due().refused(331, rejected).state).toEqual({ phase: 'stopped', failure: rejected });
  });

  test('so is one that is refused by the first server to answer, without a knock', () => {
    const life = new Life().connected(0).lost(60, protocol);
    for (let atS = 100; atS < 300; atS += 100) life.due().silent(atS);
    expect(life.answered(300).refused(301, rejected).state.phase).toBe('waiting');
    const unknocked = new Life().connected(0).lost(60).due().refused(200, rejected);
    expect(unknocked.state).toMatchObject({ phase: 'waiting', graceUntilUs: 230 * S });
  });

  test.each(['rtmp.bad-url', 'rtmp.no-key'] as const)('%s stops at once', (code) => {
    expect(new Life().silent(0, { code, message: '' }).state.phase).toBe('stopped');
  });

  test('what an attempt that was given up reports means nothing', () => {
    const life = new Life().refused().due();
    const { machine } = life;
    expect(life.step({ type: 'connected', attemptId: 1, nowUs: 0 }).machine).toBe(machine);
    expect(life.step({ type: 'failed', attemptId: 1, nowUs: 0, failure: rejected, answered: true, jitter: 0 }).machine).toBe(machine);
  });

  test('stop in each state', () => {
    const stop: PublisherEvent = { type: 'stop' };
    expect(next(INITIAL, stop, ALONE).state.phase).toBe('stopped');
    expect(new Life().step(stop).state.phase).toBe('stopping');
    expect(new Life().connected().step(stop).state.phase).toBe('stopping');
    expect(new Life(PAIR).refused().step(stop).state.phase).toBe('stopping');
    expect(new Life().refused().step(stop).state.phase).toBe('stopped');
    expect(new Life().refused(0, rejected).step(stop).state).toEqual({ phase: 'stopped', failure: rejected });
  });
});

describe('primary and backup', () => {
  test('when one fails the other is tried at once, and only when both have failed is there a wait', () => {
    const life = new Life(PAIR).refused();
    expect(life.state).toMatchObject({ phase: 'failing-over', ingest: 'backup', attempt: 1, failure: protocol });
    expect(life.wants.attempt).toMatchObject({ ingest: 'backup', redirectUrl: null });
    expect(life.silent(3).state).toMatchObject({ phase: 'waiting', attempt: 1, dueUs: 4 * S, failure: unreachable });
    expect(life.wants).toEqual({ attempt: null, dueUs: 4 * S, knock: ['backup'] });
    expect(life.due().state).toMatchObject({ phase: 'connecting', ingest: 'primary', attempt: 2 });
  });

  test('a lost primary gives way to the backup', () => {
    const life = new Life(PAIR).connected().lost(60, stalled);
    expect(life.state).toMatchObject({ phase: 'failing-over', ingest: 'backup', graceUntilUs: 150 * S });
    expect(life.connected(61).state).toMatchObject({ phase: 'live', ingest: 'backup', reconnects: 1 });
  });

  test('on the backup the primary is looked for, tried beside it, and goes on instead of it', () => {
    const life = new Life(PAIR).connected().lost(60).connected(61);
    expect(life.wants).toEqual({ attempt: null, dueUs: null, knock: ['primary'] });
    expect(life.answered(61.5).wants.attempt).toBeNull(); // not in its first second
    expect(life.answered(63).state).toMatchObject({ phase: 'live', ingest: 'backup' });
    expect(life.wants).toMatchObject({ attempt: { ingest: 'primary' }, knock: [] });
    expect(life.connected(64).state).toEqual({ phase: 'live', ingest: 'primary', sinceUs: 64 * S, reconnects: 1 });
  });

  test('a return that fails harms nothing and is tried later each time', () => {
    const life = new Life(PAIR).connected().lost(60).connected(61).answered(63).refused(64, rejected);
    expect(life.state).toMatchObject({ phase: 'live', ingest: 'backup' });
    expect(life.answered(65).wants.attempt).toBeNull();
    expect(life.answered(66.5).wants.attempt).toMatchObject({ ingest: 'primary' });
  });

  test('the backup is lost while the primary is being tried: that attempt goes on, alone', () => {
    const life = new Life(PAIR).connected().lost(60).connected(61).answered(63);
    const attempt = life.wants.attempt;
    expect(life.lost(75).state).toMatchObject({ phase: 'failing-over', ingest: 'primary' });
    expect(life.wants.attempt).toEqual(attempt);
  });

  test('two ingests that both let go at once are not tried in turn for ever', () => {
    const life = new Life(PAIR).connected(0);
    let flips = 0;
    for (; life.lost(1 + flips, stalled).state.phase === 'failing-over'; flips += 1) life.connected(1 + flips);
    expect(flips).toBeLessThan(4);
    expect(life.wants.dueUs).not.toBeNull();
  });
});

describe('a server that asks for a new connection', () => {
  test('the new one is made beside the old one, which goes on until then', () => {
    const life = new Life().connected(0).moved(60, 'rtmp://other/app');
    expect(life.state).toMatchObject({ phase: 'live', sinceUs: 0 });
    expect(life.wants.attempt).toMatchObject({ ingest: 'primary', redirectUrl: 'rtmp://other/app' });
    expect(life.connected(61).state).toMatchObject({ phase: 'live', sinceUs: 61 * S, reconnects: 0 });
    expect(life.wants.attempt).toBeNull();
  });

  test('it drops us before the new one is there: the attempt goes on, and the address itself is next', () => {
    const life = new Life().connected(0).moved(60, 'rtmp://other/app').lost(61);
    expect(life.state).toMatchObject({ phase: 'connecting', ingest: 'primary' });
    expect(life.wants.attempt?.redirectUrl).toBe('rtmp://other/app');
    expect(life.silent(62).state).toMatchObject({ phase: 'connecting' });
    expect(life.wants.attempt?.redirectUrl).toBeNull();
  });

  test('a move that fails is tried again five times, then forgotten', () => {
    const life = new Life().connected(0).moved(60);
    for (let i = 1; i < 5; i += 1) {
      life.refused(60 + i);
      expect(life.wants).toMatchObject({ attempt: null, dueUs: expect.any(Number) });
      life.due();
    }
    expect(life.refused(70).wants).toEqual({ attempt: null, dueUs: null, knock: [] });
    expect(life.state.phase).toBe('live');
  });

  test('a successor that is lost before it took over: the old one is what there is, and the move is tried again later', () => {
    const life = new Life().connected(0).moved(60, 'rtmp://other/app').connected(61).fellBack(62);
    expect(life.state).toMatchObject({ phase: 'live', sinceUs: 0, reconnects: 0 });
    expect(life.wants).toEqual({ attempt: null, dueUs: 63 * S, knock: [] });
    expect(life.due().wants.attempt).toMatchObject({ id: 3, redirectUrl: 'rtmp://other/app' });
    life.connected(64).step({ type: 'went-over' });
    const { machine } = life;
    expect(life.fellBack(65).machine).toBe(machine); // it has taken over: there is nothing to fall back to
    for (let i = 0; i < 2; i += 1) {
      life.moved(80).connected(81);
      for (let n = 0; n < 4; n += 1) life.fellBack(82).due().connected(83);
      expect(life.fellBack(84).wants.attempt).toBeNull();
      expect(life.wants.dueUs).toBeNull(); // five times, then no more
    }
  });

  test('a successor that is lost while another is tried: that one goes on', () => {
    const life = new Life().connected(0).moved(60).connected(61).moved(75, 'rtmp://other/app').fellBack(76);
    expect(life.state).toMatchObject({ phase: 'live', sinceUs: 0 });
    expect(life.wants.attempt).toMatchObject({ id: 3, redirectUrl: 'rtmp://other/app' });
  });

  test('one that asks at once after each connection does not make us run', () => {
    const life = new Life().connected(0).moved(1);
    expect(life.wants).toMatchObject({ attempt: null, dueUs: 2 * S });
    expect(life.lost(1.5).state.phase).toBe('waiting');
  });
});
