import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Failure } from '../../../src-shared/errors.ts';
import { backoffMs, INITIAL, type Machine, next, type PublisherEvent, type StateRules } from './state.ts';

const RULES: StateRules = { backoffFirstMs: 1_000, backoffMaxMs: 30_000, stableMs: 10_000, graceMs: 90_000 };
const S = 1_000_000;
const refused: Failure = { code: 'network.refused', message: 'no' };
const rejected: Failure = { code: 'rtmp.rejected', message: 'no' };
const failed = (nowUs: number, failure = refused): PublisherEvent => ({ type: 'failed', nowUs, failure, jitter: 0.5 });
const connected = (nowUs: number): PublisherEvent => ({ type: 'connected', nowUs });
const live = (...events: PublisherEvent[]): Machine => events.reduce((machine, event) => next(machine, event, RULES), INITIAL);
const start: PublisherEvent = { type: 'start' };
const retry: PublisherEvent = { type: 'retry' };

describe('a life', () => {
  test('a failed first connect is tried again, after 1, 2, 4 … 30 s', () => {
    let machine = live(start);
    const waits: number[] = [];
    for (let i = 0; i < 7; i += 1) {
      machine = next(machine, failed(0), RULES);
      if (machine.state.phase === 'waiting') waits.push(machine.state.dueUs / S);
      machine = next(machine, retry, RULES);
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 30, 30]);
    expect(machine.state).toMatchObject({ phase: 'connecting', attempt: 8 });
  });

  test('a drop is followed by a reconnect, which is counted', () => {
    const machine = live(start, connected(0), failed(60 * S), retry, connected(62 * S));
    expect(machine.state).toMatchObject({ phase: 'live', sinceUs: 62 * S, reconnects: 1 });
  });

  test('a session that lasted starts the back-off anew, a short one does not', () => {
    const flapping = live(start, failed(0), retry, failed(0), retry, connected(S), failed(2 * S));
    expect(flapping.state).toMatchObject({ phase: 'waiting', attempt: 3, dueUs: 6 * S });
    const lasting = live(start, failed(0), retry, failed(0), retry, connected(S), failed(12 * S));
    expect(lasting.state).toMatchObject({ phase: 'waiting', attempt: 1, dueUs: 13 * S });
  });

  test('a key rejected on the first publish stops for good', () => {
    const machine = live(start, failed(0, rejected), retry, start);
    expect(machine.state).toEqual({ phase: 'stopped', failure: rejected });
  });

  test('a key rejected after a drop is tried again until the grace is over', () => {
    const dropped = [start, connected(0), failed(100 * S), retry];
    expect(live(...dropped, failed(189 * S, rejected)).state.phase).toBe('waiting');
    expect(live(...dropped, failed(191 * S, rejected)).state).toEqual({ phase: 'stopped', failure: rejected });
  });

  test.each(['rtmp.bad-url', 'rtmp.no-key'] as const)('%s stops at once', (code) => {
    expect(live(start, failed(0, { code, message: '' })).state.phase).toBe('stopped');
  });

  test('stop in each state', () => {
    const stop: PublisherEvent = { type: 'stop' };
    expect(live(stop).state.phase).toBe('stopped');
    expect(live(start, stop).state.phase).toBe('stopping');
    expect(live(start, connected(0), stop).state.phase).toBe('stopping');
    expect(live(start, failed(0), stop).state.phase).toBe('stopped');
    expect(live(start, failed(0, rejected), stop).state).toEqual({ phase: 'stopped', failure: rejected });
  });
});

const anyEvent = fc.oneof(
  fc.constantFrom<PublisherEvent>(start, retry, { type: 'stop' }, { type: 'closed' }),
  fc.nat(1_000 * S).map(connected),
  fc.record({
    type: fc.constant('failed' as const),
    nowUs: fc.nat(1_000 * S),
    failure: fc.constantFrom(refused, rejected),
    jitter: fc.double({ min: 0, max: 1, noNaN: true }),
  }),
);

describe('properties', () => {
  test('any event in any state: stop always ends, and nothing follows the end', () => {
    fc.assert(
      fc.property(fc.array(anyEvent), fc.array(anyEvent), (before, afterwards) => {
        const ended = live(...before, { type: 'stop' }, { type: 'closed' });
        expect(ended.state.phase).toBe('stopped');
        expect(afterwards.reduce((machine, event) => next(machine, event, RULES), ended)).toBe(ended);
      }),
    );
  });

  test('an attempt begins only from idle and from a wait, so that never two are under way', () => {
    fc.assert(
      fc.property(fc.array(anyEvent), (events) => {
        let machine = INITIAL;
        for (const event of events) {
          const { state } = machine;
          machine = next(machine, event, RULES);
          if (machine.state.phase === 'connecting' && machine.state !== state) expect(['idle', 'waiting']).toContain(state.phase);
          if (machine.state.phase === 'waiting' && machine.state !== state && event.type === 'failed')
            expect(machine.state.dueUs).toBeGreaterThan(event.nowUs);
        }
      }),
    );
  });

  test('the back-off stays within a fifth of its step and never above the limit', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000 }), fc.double({ min: 0, max: 1, noNaN: true }), (failures, jitter) => {
        const step = Math.min(30_000, 1_000 * 2 ** (failures - 1));
        const ms = backoffMs(failures, jitter, RULES);
        expect(ms).toBeGreaterThanOrEqual(step * 0.8 - 1e-6);
        expect(ms).toBeLessThanOrEqual(Math.min(30_000, step * 1.2 + 1e-6));
      }),
    );
  });
});
