import fc from 'fast-check';
import { expect, test } from 'vitest';
import { backoffMs, soonMs } from './backoff.ts';

const RULES = { backoffFirstMs: 1_000, backoffMaxMs: 30_000 };
const jitters = fc.double({ min: 0, max: 1, noNaN: true });

test('1, 2, 4, 8, 16, 30, 30 s', () => {
  expect([1, 2, 3, 4, 5, 6, 7].map((failures) => backoffMs(failures, 0.5, RULES) / 1_000)).toEqual([1, 2, 4, 8, 16, 30, 30]);
});

test('property: it stays within a fifth of its step and never above the limit', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10_000 }), jitters, (failures, jitter) => {
      const step = Math.min(30_000, 1_000 * 2 ** (failures - 1));
      const ms = backoffMs(failures, jitter, RULES);
      expect(ms).toBeGreaterThanOrEqual(step * 0.8 - 1e-6);
      expect(ms).toBeLessThanOrEqual(Math.min(30_000, step * 1.2 + 1e-6));
    }),
  );
});

test('property: soon is one to two seconds', () => {
  fc.assert(
    fc.property(jitters, (jitter) => {
      expect(soonMs(jitter, RULES)).toBeGreaterThanOrEqual(1_000);
      expect(soonMs(jitter, RULES)).toBeLessThanOrEqual(2_000);
    }),
  );
});
