import { expect, test } from 'vitest';
import { nextAttempt } from './back-off.ts';

test('twice as long each time, up to 15 s, and short again after one that lasted', () => {
  const waits: number[] = [];
  let failures = 0;
  for (const lastedMs of [0, 0, 200, 0, 0, 0, 0, 10_000, 0]) {
    const next = nextAttempt(failures, lastedMs);
    failures = next.failures;
    waits.push(next.waitMs);
  }
  expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 500, 1_000]);
});
