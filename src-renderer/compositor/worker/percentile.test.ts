import { expect, test } from 'vitest';
import { Samples } from './percentile.ts';

test('the 95th percentile of an interval, then the next begins', () => {
  const samples = new Samples();
  for (let value = 100; value > 0; value--) samples.add(value);
  expect(samples.takeP95()).toBe(96);
  expect(samples.takeP95()).toBe(0);
  samples.add(7);
  expect(samples.takeP95()).toBe(7);
});
