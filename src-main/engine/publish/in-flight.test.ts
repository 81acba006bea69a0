import fc from 'fast-check';
import { expect, test } from 'vitest';
import { InFlight } from './in-flight.ts';

test('what has arrived is forgotten, and the quickest of it is the floor', () => {
  const flight = new InFlight();
  expect([flight.oldestUs, flight.spanUs, flight.floorUs]).toEqual([null, 0, 0]);
  flight.add(0, 100, 1_000);
  flight.add(33_000, 200, 34_000);
  flight.add(66_000, 300, 67_000);
  expect([flight.oldestUs, flight.spanUs]).toEqual([0, 66_000]);
  flight.settle(99, 80_000);
  expect(flight.oldestUs).toBe(0);
  flight.settle(200, 100_000);
  expect([flight.oldestUs, flight.spanUs, flight.floorUs]).toEqual([66_000, 0, 66_000]);
  flight.settle(300, 107_000);
  expect([flight.oldestUs, flight.floorUs]).toEqual([null, 40_000]);
});

test('a way that was never quick has a floor of half a second at most', () => {
  const flight = new InFlight();
  flight.add(0, 1, 0);
  flight.settle(1, 5_000_000);
  expect(flight.floorUs).toBe(500_000);
});

test('property: the oldest is the first whose end has not arrived', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 1_000 }), { minLength: 1 }), fc.nat(50_000), (sizes, delivered) => {
      const flight = new InFlight();
      const ends = sizes.map((_, i) => sizes.slice(0, i + 1).reduce((sum, size) => sum + size, 0));
      for (const [i, end] of ends.entries()) flight.add(i, end, i);
      flight.settle(delivered, sizes.length);
      const first = ends.findIndex((end) => end > delivered);
      expect(flight.oldestUs).toBe(first < 0 ? null : first);
    }),
  );
});
