import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AckTracker } from './ack-tracker.ts';

const WINDOW = 65_536;
const feed = (tracker: AckTracker, acks: [sequence: number, sent: number][]) => {
  for (const [i, [sequence, sentBytes]] of acks.entries()) tracker.acknowledge({ sequence, sentBytes, nowMs: i * 200, messageBytes: 0 });
  return tracker;
};
const track = (...acks: [sequence: number, sent: number][]) => feed(new AckTracker(WINDOW), acks).ackedBytes;

describe('what servers count', () => {
  test('nothing, ever', () => expect(track()).toBeNull());
  test('the total', () => expect(track([65_600, 70_000], [131_300, 140_000], [196_900, 200_000])).toBe(196_900));
  test('what is new since the last time', () => expect(track([65_600, 70_000], [65_540, 140_000], [66_000, 200_000])).toBe(197_140));
  test('in a window of their own, larger first', () => expect(track([2_500_000, 2_600_000], [2_565_536, 2_700_000])).toBe(2_565_536));
  test('in a small window of their own', () => expect(track([10_000, 70_000], [20_000, 70_000], [30_000, 70_000])).toBe(30_000));
  test('what is new, in windows that have grown in between', () =>
    expect(track([10_000, 11_000], [15_000, 26_000], [15_000, 41_000], [15_000, 56_000])).toBe(55_000));
});

/** A server that has counted to `from`, and receives 60,000 bytes at a time; we are 20,000 ahead of it. */
const wrapping = (from: number, count: (totalBytes: number) => number, acks = 6) => {
  const tracker = new AckTracker(WINDOW, from);
  for (let i = 1; i <= acks; i += 1) {
    const total = from + i * 60_000;
    tracker.acknowledge({ sequence: count(total), sentBytes: total + 20_000, nowMs: i * 200, messageBytes: 0 });
  }
  return { error: (tracker.ackedBytes ?? 0) - (from + acks * 60_000), isTimely: tracker.isTimely };
};

describe('counters that begin anew', () => {
  test.each([
    ['2^31', 2 ** 31],
    ['0xf0000000', 0xf0000000],
    ['2^32', 2 ** 32],
  ])('at %s: the total goes on', (_name, wrap) => {
    for (const leftBytes of [1, 30_000, 60_000, 130_000])
      expect(wrapping(wrap - leftBytes, (total) => total % wrap)).toEqual({ error: 0, isTimely: true });
  });

  test('for the second time', () => {
    const tracker = new AckTracker(WINDOW, 2 ** 32 - 50_000);
    for (
      let total = 2 ** 32;
      total < 2 ** 33 + 500_000;
      total += 30_000_000 // a fast link, and a large window
    )
      tracker.acknowledge({ sequence: total % 2 ** 32, sentBytes: total, nowMs: total / 1e6, messageBytes: 0 });
    expect(tracker.ackedBytes).toBeGreaterThan(2 ** 33 - 30_000_000);
  });

  test('from the last acknowledgement, as SRS does: never more than was sent, and right within what is on its way', () => {
    let last = 0xf0000000 - 95_000;
    let counter = last;
    const count = (total: number) => {
      const delta = total - last;
      last = total;
      counter = counter + delta > 0xf0000000 ? delta : counter + delta;
      return counter;
    };
    const { error, isTimely } = wrapping(last, count);
    expect(Math.abs(error)).toBeLessThanOrEqual(20_000);
    expect(isTimely).toBe(true);
  });
});

describe('what makes no sense is not believed', () => {
  test('more than was sent', () => expect(track([65_600, 70_000], [900_000, 140_000])).toBe(65_600));
  test('more than was sent, first of all', () => expect(track([900_000, 70_000], [131_000, 140_000])).toBe(131_000));
  test('going back once', () =>
    expect(track([65_600, 70_000], [131_300, 140_000], [700, 150_000], [196_900, 200_000], [262_000, 270_000])).toBe(262_000));
  test('the same again', () => expect(track([65_600, 70_000], [131_300, 140_000], [131_300, 140_000], [131_300, 150_000])).toBe(131_300));
});

describe('a change of habit', () => {
  const totals: [number, number][] = [
    [65_600, 70_000],
    [131_300, 140_000],
    [196_900, 200_000],
  ];
  test('from totals to increments', () =>
    expect(track(...totals, [60_000, 270_000], [61_000, 330_000], [60_500, 390_000])).toBe(196_900 + 181_500));
  test('from increments to totals', () =>
    expect(track([60_000, 70_000], [59_000, 130_000], [61_000, 190_000], [240_000, 250_000], [300_000, 310_000])).toBe(300_000));
  test('to a counter that begins anew for no reason', () =>
    expect(track(...totals, [60_000, 270_000], [120_000, 330_000], [180_000, 390_000])).toBe(196_900 + 180_000));
  test('to a window of its own: no longer timely; and back', () => {
    const tracker = feed(new AckTracker(WINDOW), totals);
    expect(tracker.isTimely).toBe(true);
    feed(tracker, [[2_700_000, 2_800_000]]);
    expect([tracker.isTimely, tracker.longestGapBytes]).toEqual([false, 2_503_100]);
    feed(tracker, [
      [2_760_000, 2_800_000],
      [2_820_000, 2_900_000],
    ]);
    expect(tracker.isTimely).toBe(true);
  });
  test('to silence, by a server that is alive', () => {
    const tracker = feed(new AckTracker(WINDOW), totals);
    tracker.lapse();
    expect([tracker.isTimely, tracker.ackedBytes]).toEqual([false, 196_900]);
  });
});

describe('timely', () => {
  test('is not what comes every 2.5 MB', () => {
    const tracker = feed(new AckTracker(WINDOW), [
      [2_500_000, 2_600_000],
      [5_000_000, 5_100_000],
    ]);
    expect([tracker.isTimely, tracker.ackedBytes]).toEqual([false, 5_000_000]);
  });
  test('a smaller window holds for what is sent after it was asked for', () => {
    const tracker = feed(new AckTracker(400_000), [[400_000, 410_000]]);
    tracker.ask(20_000, 1_000_000);
    feed(tracker, [[800_000, 1_100_000]]);
    expect(tracker.isTimely).toBe(true);
    feed(tracker, [
      [1_100_000, 1_600_000],
      [1_500_000, 1_600_000],
    ]);
    expect(tracker.isTimely).toBe(false);
  });
  test('is one acknowledgement for a picture of many windows', () => {
    const tracker = new AckTracker(8_000);
    tracker.acknowledge({ sequence: 150_000, sentBytes: 150_000, nowMs: 0, messageBytes: 120_000 });
    expect(tracker.isTimely).toBe(true);
  });
});

test('between two acknowledgements it goes on at the same pace, until one is due', () => {
  const tracker = feed(new AckTracker(WINDOW), [
    [60_000, 70_000],
    [120_000, 130_000],
    [180_000, 190_000],
  ]);
  expect([0, 100, 200, 5_000].map((later) => tracker.estimateBytes(400 + later))).toEqual([180_000, 210_000, 240_000, 240_000]);
});

test('property: it never falls and never passes what was sent', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.nat(1_000_000), fc.boolean())), (acks) => {
      const tracker = new AckTracker(WINDOW);
      let sent = 0;
      let last = 0;
      for (const [sequence, more, isNear] of acks) {
        sent += more;
        tracker.acknowledge({ sequence: isNear ? sequence % (sent + 1) : sequence, sentBytes: sent, nowMs: 0, messageBytes: 0 });
        const acked = tracker.ackedBytes ?? last;
        expect(acked).toBeGreaterThanOrEqual(last);
        expect(acked).toBeLessThanOrEqual(sent);
        last = acked;
      }
    }),
  );
});

test('property: totals modulo any wrap are followed, whatever the steps', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(2 ** 31, 0xf0000000, 2 ** 32),
      fc.nat(300_000),
      fc.array(fc.tuple(fc.integer({ min: 40_000, max: 90_000 }), fc.nat(50_000)), { minLength: 4, maxLength: 30 }),
      (wrap, leftBytes, steps) => {
        const tracker = new AckTracker(WINDOW, wrap - leftBytes);
        let total = wrap - leftBytes;
        for (const [step, ahead] of steps) {
          total += step;
          tracker.acknowledge({ sequence: total % wrap, sentBytes: total + ahead, nowMs: 0, messageBytes: 0 });
          expect(tracker.ackedBytes).toBe(total);
        }
      },
    ),
  );
});
