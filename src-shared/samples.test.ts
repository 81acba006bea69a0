import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Samples } from './samples.ts';

test('median and 95th percentile of a hundred', () => {
  const samples = new Samples();
  for (let value = 100; value > 0; value--) samples.add(value);
  expect(samples.percentiles(0.5, 0.95)).toEqual([50, 95]);
});

test('nothing is 0', () => {
  expect(new Samples().percentiles(0, 0.5, 1)).toEqual([0, 0, 0]);
});

test('only the newest count', () => {
  const samples = new Samples(3);
  for (const value of [90, 80, 1, 2, 3]) samples.add(value);
  expect(samples.percentiles(0, 1)).toEqual([1, 3]);
});

test('property: at least the share lies at or below, and less than it strictly below', () => {
  const values = fc.array(fc.integer({ min: -1_000, max: 1_000 }), { minLength: 1, maxLength: 300 });
  fc.assert(
    fc.property(values, fc.integer({ min: 1, max: 100 }), (list, percent) => {
      const samples = new Samples();
      for (const value of list) samples.add(value);
      const [found] = samples.percentiles(percent / 100);
      expect(list.filter((value) => value <= found).length * 100).toBeGreaterThanOrEqual(percent * list.length - 1e-6);
      expect(list.filter((value) => value < found).length * 100).toBeLessThan(percent * list.length + 1e-6);
    }),
  );
});
