import { expect, test } from 'vitest';
import { endOfRangeAt } from './playback.ts';

const holding = (currentTime: number, ...ranges: [number, number][]) => ({
  currentTime,
  buffered: { length: ranges.length, start: (i: number) => ranges[i]?.[0] ?? 0, end: (i: number) => ranges[i]?.[1] ?? 0 },
});

test('what is in hand ends at the next hole', () => {
  expect(endOfRangeAt(holding(12, [10, 20], [100, 110]))).toBe(20); // gone back in the window, with the live edge still there
  expect(endOfRangeAt(holding(105, [10, 20], [100, 110]))).toBe(110);
  expect(endOfRangeAt(holding(0, [5, 7]))).toBe(7);
  expect(endOfRangeAt(holding(8, [5, 7]))).toBe(8);
  expect(endOfRangeAt(holding(3))).toBe(3);
});
