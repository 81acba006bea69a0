import { expect, test } from 'vitest';
import { RateMeter } from './rate-meter.ts';

test('the rate of the last two seconds', () => {
  const meter = new RateMeter();
  expect(meter.kbps(0)).toBe(0);
  for (let i = 0; i < 40; i += 1) meter.add(i * 100_000, 12_500); // 125,000 bytes a second for 4 s
  expect(meter.kbps(3_900_000)).toBe(1_000);
  expect(meter.kbps(4_900_000)).toBe(500);
  expect(meter.kbps(9_000_000)).toBe(0);
});
