import { describe, expect, test } from 'vitest';
import { FORMAT, Line, ORDINARY_RENDITION, Show } from '../../../tests/support/governed-show.ts';
import { STREAM_RENDITION } from '../rendition/plan.ts';

describe('one destination', () => {
  test('the encode follows its way, within its limits, and the publisher knows the total', async () => {
    const line = new Line('a');
    const show = new Show(line);
    await show.hold(1);
    expect(show.bitrates.get(STREAM_RENDITION)).toBe(2_500);
    expect(show.rate(line)).toMatchObject({ targetKbps: 2_500, ceilingKbps: 2_500, floorKbps: 300, reason: 'ceiling', ...FORMAT });
    line.linkKbps = 1_000;
    await show.hold(0.1);
    expect(show.rate(line)).toMatchObject({ targetKbps: 1_000, reason: 'link' });
    expect(line.totals).toEqual([2_670, 1_170]);
    line.linkKbps = 100;
    await show.hold(0.1);
    expect(show.bitrates.get(STREAM_RENDITION)).toBe(300);
    expect(line.drops).toBe(1);
  });

  test('a ceiling that is edited counts at once, above the profile too', async () => {
    const line = new Line('a', { ceilingKbps: 4_000 });
    const show = new Show(line);
    await show.hold(0.1);
    expect(show.bitrates.get(STREAM_RENDITION)).toBe(4_000);
    line.edit({ ceilingKbps: 800 });
    await show.hold(0.1);
    expect(show.rate(line)).toMatchObject({ targetKbps: 800, ceilingKbps: 800 });
    line.edit({ ceilingKbps: 200 }); // below the floor
    await show.hold(0.1);
    expect(show.rate(line)).toMatchObject({ targetKbps: 200, floorKbps: 200 });
  });

  test('a fixed rate stays, whatever the way takes', async () => {
    const line = new Line('a', { mode: 'fixed' });
    const show = new Show(line);
    line.linkKbps = 500;
    await show.hold(2);
    expect(show.rate(line)).toMatchObject({ targetKbps: 2_500, reason: 'fixed' });
    expect(line.drops).toBe(0);
  });

  test('a drop keeps the rate for the next connection', async () => {
    const line = new Line('a');
    const show = new Show(line);
    line.linkKbps = 900;
    await show.hold(0.2);
    line.live = false;
    await show.hold(5);
    expect(show.rate(line)).toMatchObject({ targetKbps: 900 });
  });
});

describe('several on one encode', () => {
  test('a slow one, one that stalls and one that is not there leave the others their rate', async () => {
    const lines = ['fast', 'fast-2', 'slow', 'stalled', 'refused'].map((name) => new Line(name));
    const [, , slow, stalled, refused] = lines as [Line, Line, Line, Line, Line];
    const show = new Show(...lines);
    slow.linkKbps = 1_250;
    refused.live = false;
    await show.hold(1);
    Object.assign(stalled, { stalled: true, linkKbps: 0 });
    await show.hold(5);
    expect(show.bitrates.get(STREAM_RENDITION)).toBe(2_500);
    expect(slow.connection.sparing).toBe(true);
    expect(lines[0]?.connection.sparing).toBe(false);
    expect(show.rate(slow)).toMatchObject({ targetKbps: 2_500, reason: 'dropping', renditionId: STREAM_RENDITION });
    expect(show.said).toEqual([]);
  });

  test('those who get H.264 share a rate of their own, also when nobody is left on the other encode', async () => {
    const [modern, old, older] = [new Line('modern'), new Line('old'), new Line('older')];
    const show = new Show(modern, old, older);
    await show.hold(1);
    for (const { connection } of [old, older]) Object.assign(connection, { renditionId: ORDINARY_RENDITION, base: ORDINARY_RENDITION });
    for (const line of [old, older]) line.linkKbps = 900;
    await show.hold(1);
    expect([...show.bitrates]).toEqual([
      [STREAM_RENDITION, 2_500],
      [ORDINARY_RENDITION, 900],
    ]);
    expect(show.rate(modern)).toMatchObject({ targetKbps: 2_500, reason: 'ceiling' });
    expect(show.rate(old)).toMatchObject({ targetKbps: 900, reason: 'link', renditionId: ORDINARY_RENDITION });
    modern.linkKbps = 500;
    await show.hold(1);
    expect([show.bitrates.get(STREAM_RENDITION), show.bitrates.get(ORDINARY_RENDITION)]).toEqual([500, 900]);
    Object.assign(modern.connection, { renditionId: ORDINARY_RENDITION, base: ORDINARY_RENDITION });
    await show.hold(1);
    expect(show.bitrates.get(STREAM_RENDITION)).toBe(2_500); // of a recording, or of who comes
    expect(show.bitrates.get(ORDINARY_RENDITION)).toBe(900);
  });

  test('of those who get H.264 a slow one goes its own way and comes back to the others', async () => {
    const lines = [new Line('modern'), new Line('old'), new Line('slow')] as const;
    const [, old, slow] = lines;
    const show = new Show(...lines);
    for (const { connection } of [old, slow]) Object.assign(connection, { renditionId: ORDINARY_RENDITION, base: ORDINARY_RENDITION });
    show.headroom = true;
    slow.linkKbps = 800;
    await show.hold(8);
    expect(slow.connection.renditionId).toBe('stream-2');
    expect(show.rate(slow)).toMatchObject({ targetKbps: 800, reason: 'link' });
    expect(show.bitrates.get(ORDINARY_RENDITION)).toBe(2_500);
    slow.linkKbps = 10_000;
    await show.hold(25);
    expect(slow.connection.renditionId).toBe(ORDINARY_RENDITION);
  });

  test('with headroom the slow one gets its own encode, and comes back', async () => {
    const [fast, slow] = [new Line('fast'), new Line('slow')];
    const show = new Show(fast, slow);
    show.headroom = true;
    slow.linkKbps = 1_250;
    await show.hold(10);
    expect(show.rate(slow)).toMatchObject({ targetKbps: 1_250, reason: 'link', renditionId: 'stream-2' });
    expect(show.rate(fast)).toMatchObject({ targetKbps: 2_500, renditionId: STREAM_RENDITION });
    expect(slow.connection.sparing).toBe(false);
    slow.linkKbps = 9_000;
    await show.hold(25);
    expect(show.rate(slow)).toMatchObject({ targetKbps: 2_500, reason: 'ceiling', renditionId: STREAM_RENDITION });
    expect(show.said).toHaveLength(2);
  });

  test('a second encode of its own has the rate of now, not what the first one had', async () => {
    const [fast, slow] = [new Line('fast'), new Line('slow')];
    const show = new Show(fast, slow);
    show.headroom = true;
    const isApart = () => slow.connection.renditionId !== STREAM_RENDITION;
    for (const apart of [true, false, true]) {
      slow.linkKbps = apart ? 1_250 : 9_000;
      for (let tick = 0; tick < 250 && isApart() !== apart; tick += 1) await show.hold(0.1);
      expect(isApart()).toBe(apart);
    }
    slow.linkKbps = 9_000;
    await show.hold(0.1);
    expect(show.bitrates.get(slow.connection.renditionId)).toBe(2_500);
  });

  test('one that stays away gives its encode up', async () => {
    const [fast, slow] = [new Line('fast'), new Line('slow')];
    const show = new Show(fast, slow);
    show.headroom = true;
    slow.linkKbps = 1_250;
    await show.hold(10);
    slow.live = false;
    await show.hold(29);
    expect(show.rate(slow).renditionId).toBe('stream-2');
    await show.hold(2);
    expect(show.rate(slow).renditionId).toBe(STREAM_RENDITION);
  });

  test('one that stays away and cannot come back is asked ever more seldom', async () => {
    const [fast, slow] = [new Line('fast'), new Line('slow')];
    const show = new Show(fast, slow);
    show.headroom = true;
    slow.linkKbps = 1_250;
    await show.hold(10);
    Object.assign(show, { stuck: true, joins: 0 });
    slow.live = false;
    await show.hold(31 + 10 + 20 + 40);
    expect(show.joins).toBe(4);
    show.stuck = false;
    await show.hold(80);
    expect(show.rate(slow).renditionId).toBe(STREAM_RENDITION);
  });

  test('a machine that has become too busy takes an encode back, one at a time, and gives none for a while', async () => {
    const [fast, slow] = [new Line('fast'), new Line('slow')];
    const show = new Show(fast, slow);
    show.headroom = true;
    slow.linkKbps = 1_250;
    await show.hold(10);
    show.overloaded = true;
    await show.hold(0.2);
    expect(show.rate(slow)).toMatchObject({ renditionId: STREAM_RENDITION, reason: 'dropping' });
    expect(show.rate(fast)).toMatchObject({ targetKbps: 2_500 });
    expect(show.said.at(-1)).toMatch(/^slow: .*too busy/);
    show.overloaded = false;
    await show.hold(55);
    expect(show.rate(slow).renditionId).toBe(STREAM_RENDITION); // though there is headroom now
    await show.hold(10);
    expect(show.rate(slow).renditionId).toBe('stream-2');
    show.overloaded = true; // soon again: twice as long
    await show.hold(0.2);
    show.overloaded = false;
    await show.hold(110);
    expect(show.rate(slow).renditionId).toBe(STREAM_RENDITION);
    await show.hold(15);
    expect(show.rate(slow).renditionId).toBe('stream-2');
  });

  test('nobody gets more than its ceiling, until it has an encode of its own', async () => {
    const [high, low] = [new Line('high', { ceilingKbps: 6_000 }), new Line('low')];
    const show = new Show(high, low);
    await show.hold(8);
    expect(show.rate(high)).toMatchObject({ targetKbps: 2_500, reason: 'shared' });
    expect(show.rate(low)).toMatchObject({ targetKbps: 2_500, reason: 'ceiling' });
    show.headroom = true;
    await show.hold(0.3);
    expect(show.rate(high)).toMatchObject({ targetKbps: 6_000, reason: 'ceiling' });
    expect(show.rate(low)).toMatchObject({ targetKbps: 2_500, renditionId: 'stream-2' });
  });

  test('the ceiling of one that is not there limits nobody, and counts when it comes', async () => {
    const [there, away] = [new Line('there'), new Line('away', { ceilingKbps: 1_000 })];
    away.live = false;
    const show = new Show(there, away);
    await show.hold(5);
    expect(show.rate(there)).toMatchObject({ targetKbps: 2_500, reason: 'ceiling' });
    away.live = true;
    await show.hold(0.1);
    expect(show.rate(there)).toMatchObject({ targetKbps: 1_000, reason: 'shared' });
  });
});
