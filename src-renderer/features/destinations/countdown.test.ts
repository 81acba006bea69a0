import { expect, test } from 'vitest';
import { formatCountdown, secondsUntil } from './countdown.ts';

test('seconds are whole, and stop at 0', () => {
  expect([9_000_001, 10_000_000, 10_000_001, 12_500_000].map((dueUs) => secondsUntil(dueUs, 10_000_000))).toEqual([0, 0, 1, 3]);
});

test('before the engine’s time is known nothing is said to have passed', () => {
  expect(secondsUntil(10_000_000, null)).toBeNull();
  expect(secondsUntil(null, 10_000_000)).toBeNull();
});

test('a countdown in minutes', () => {
  expect([0, 9, 72].map(formatCountdown)).toEqual(['0:00', '0:09', '1:12']);
});
