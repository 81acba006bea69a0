import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AckTracker } from './ack-tracker.ts';

const WINDOW = 65_536;
const track = (...acks: [sequence: number, sent: number][]) => {
  const tracker = new AckTracker(WINDOW);
  for (const [sequence, sent] of acks) tracker.acknowledge(sequence, sent);
  return tracker.ackedBytes;
};

describe('what servers count', () => {
  test('nothing, ever', () => expect(track()).toBeNull());
  test('the total', () => expect(track([65_600, 70_000], [131_300, 140_000], [196_900, 200_000])).toBe(196_900));
  test('what is new since the last time', () => expect(track([65_600, 70_000], [65_540, 140_000], [66_000, 200_000])).toBe(197_140));
  test('in a window of their own, larger first', () => expect(track([2_500_000, 2_600_000], [2_565_536, 2_700_000])).toBe(2_565_536));
  test('in a small window of their own', () => expect(track([10_000, 70_000], [20_000, 70_000], [30_000, 70_000])).toBe(30_000));
  test('the total modulo 2^32', () =>
    expect(track([65_600, 70_000], [131_300, 140_000], [2 ** 32 - 70_000, 2 ** 32], [5_000, 2 ** 32 + 9_000])).toBe(2 ** 32 + 5_000));
  test('more than was sent is not believed', () => expect(track([65_600, 70_000], [900_000, 140_000])).toBe(65_600));
});

test('a server with a window of its own, far larger than asked, is not timely', () => {
  const tracker = new AckTracker(WINDOW);
  expect(tracker.isTimely).toBe(false);
  tracker.acknowledge(65_600, 70_000);
  tracker.acknowledge(131_200, 140_000);
  expect([tracker.isTimely, tracker.longestGapBytes]).toEqual([true, 65_600]);
  tracker.acknowledge(2_631_200, 2_700_000);
  expect([tracker.isTimely, tracker.longestGapBytes]).toEqual([false, 2_500_000]);
});

test('what is not yet due to be acknowledged is settled', () => {
  const tracker = new AckTracker(WINDOW);
  expect(tracker.settledBytes).toBeNull();
  tracker.acknowledge(65_600, 70_000);
  expect(tracker.settledBytes).toBe(131_200);
});

test('property: it never falls and never passes what was sent', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.nat(1_000_000))), (acks) => {
      const tracker = new AckTracker(WINDOW);
      let sent = 0;
      let last = 0;
      for (const [sequence, more] of acks) {
        sent += more;
        tracker.acknowledge(sequence, sent);
        const acked = tracker.ackedBytes ?? last;
        expect(acked).toBeGreaterThanOrEqual(last);
        expect(acked).toBeLessThanOrEqual(sent);
        last = acked;
      }
    }),
  );
});
