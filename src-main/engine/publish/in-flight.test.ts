import fc from 'fast-check';
import { expect, test } from 'vitest';
import { InFlight } from './in-flight.ts';

test('what has arrived is forgotten, and the quickest of it is the floor', () => {
  const flight = new InFlight();
  expect([flight.oldestUs('video'), flight.spanUs, flight.floorUs]).toEqual([null, 0, 0]);
  flight.add('video', 0, 100, 1_000);
  flight.add('video', 33_000, 200, 34_000);
  flight.add('video', 66_000, 300, 67_000);
  expect([flight.oldestUs('video'), flight.spanUs]).toEqual([0, 66_000]);
  flight.settle(99, 80_000);
  expect(flight.oldestUs('video')).toBe(0);
  flight.settle(200, 100_000);
  expect([flight.oldestUs('video'), flight.spanUs, flight.floorUs]).toEqual([66_000, 0, 66_000]);
  flight.settle(300, 107_000);
  expect([flight.oldestUs('video'), flight.floorUs]).toEqual([null, 40_000]);
});

test('a way that was never quick has a floor of half a second at most', () => {
  const flight = new InFlight();
  flight.add('video', 0, 1, 0);
  flight.settle(1, 5_000_000);
  expect(flight.floorUs).toBe(500_000);
});

/** 4,500 kbps in packets of 10 ms over a way of 40 ms and so many kbps, for as long as it takes. @returns what is on the way at the end, in ms of the way's pace */
function overload(kbps: number, durationMs: number): number {
  const flight = new InFlight();
  const bytesIn = (ms: number, rate: number) => (rate * ms) / 8;
  let [sent, delivered] = [0, 0];
  const log: number[] = [];
  for (let ms = 0; ms < durationMs; ms += 10) {
    const rate = ms < 2_000 ? 6_000 : kbps;
    log.push(sent);
    delivered = Math.min(log.at(-5) ?? 0, delivered + bytesIn(10, rate));
    flight.settle(delivered, ms * 1_000);
    if (flight.isFull(ms * 1_000, { heldBytes: sent - delivered, passedBytes: delivered, totalKbps: 4_500 })) continue;
    sent += bytesIn(10, 4_500);
    flight.add('video', ms * 1_000, sent, ms * 1_000);
  }
  return ((sent - delivered) * 8) / kbps;
}

test('a free way is never full; a slow one holds little, however slow it is', () => {
  expect(overload(6_000, 10_000)).toBeLessThan(60);
  for (const kbps of [3_000, 1_500, 750]) expect(overload(kbps, 10_000)).toBeLessThan(400);
});

test('a picture that is later than the sound beside it makes the way no longer', () => {
  const flight = new InFlight();
  flight.add('video', 0, 100, 0);
  flight.add('audio', 2_000_000, 200, 1_000);
  flight.add('video', 33_000, 300, 2_000);
  expect([flight.spanUs, flight.oldestUs('video'), flight.oldestUs('audio')]).toEqual([33_000, 0, 2_000_000]);
});

test('what is on a way that seems free follows the rate asked for', () => {
  const flight = new InFlight();
  flight.add('video', 0, 50_000, 0);
  expect([4_500, 500].map((totalKbps) => flight.isFull(0, { heldBytes: 50_000, passedBytes: 0, totalKbps }))).toEqual([false, true]);
});

test('a way that is dead is full, and free again once all has arrived', () => {
  const flight = new InFlight();
  for (let i = 0; i < 100; i += 1) flight.add('video', i * 10_000, (i + 1) * 1_000, i * 10_000);
  flight.settle(0, 2_000_000);
  expect(flight.isFull(2_000_000, { heldBytes: 100_000, passedBytes: 0, totalKbps: 4_500 })).toBe(true);
  flight.settle(100_000, 2_100_000);
  expect(flight.isFull(2_100_000, { heldBytes: 0, passedBytes: 100_000, totalKbps: 4_500 })).toBe(false);
});

test('property: the oldest is the first whose end has not arrived', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 1_000 }), { minLength: 1 }), fc.nat(50_000), (sizes, delivered) => {
      const flight = new InFlight();
      const ends = sizes.map((_, i) => sizes.slice(0, i + 1).reduce((sum, size) => sum + size, 0));
      for (const [i, end] of ends.entries()) flight.add('video', i, end, i);
      flight.settle(delivered, sizes.length);
      const first = ends.findIndex((end) => end > delivered);
      expect(flight.oldestUs('video')).toBe(first < 0 ? null : first);
    }),
  );
});
