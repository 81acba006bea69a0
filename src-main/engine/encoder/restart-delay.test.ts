import fc from 'fast-check';
import { expect, test } from 'vitest';
import { restartDelayMs } from './restart-delay.ts';

test('the first two crashes are answered at once, later ones ever slower', () => {
  const crashes = [0, 1, 2, 3, 4, 5, 6, 7].map((seconds) => seconds * 1e6);
  expect(crashes.map((nowUs, index) => restartDelayMs(crashes.slice(0, index + 1), nowUs))).toEqual([
    0, 0, 250, 500, 1_000, 2_000, 5_000, 5_000,
  ]);
});

test('crashes over a minute old are forgiven', () => {
  expect(restartDelayMs([0, 1e6, 2e6, 3e6, 70e6], 70e6)).toBe(0);
});

test('property: never negative, never above 5 s, and one more crash never shortens the wait', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(120_000_000)), fc.nat(120_000_000), (crashes, nowUs) => {
      const delay = restartDelayMs(crashes, nowUs);
      expect(delay).toBeGreaterThanOrEqual(0);
      expect(delay).toBeLessThanOrEqual(5_000);
      expect(restartDelayMs([...crashes, nowUs], nowUs)).toBeGreaterThanOrEqual(delay);
    }),
  );
});
