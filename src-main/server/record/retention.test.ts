import { expect, test } from 'vitest';
import { expired } from './retention.ts';

const HOUR_MS = 3_600_000;
const NOW_MS = 1_790_000_000_000;
const show = (hoursAgo: number, sizeBytes: number, more: { running?: boolean; durationMs?: number } = {}) => {
  return { startedAtMs: NOW_MS - hoursAgo * HOUR_MS, durationMs: HOUR_MS, sizeBytes, running: false, ...more };
};
const hours = (shows: { startedAtMs: number }[]) => shows.map(({ startedAtMs }) => (NOW_MS - startedAtMs) / HOUR_MS);

test('without limits nothing goes', () => {
  expect(expired([show(1_000, 10), show(1, 10)], { bytesMax: null, keepMs: null }, NOW_MS)).toEqual([]);
});

test('too much: the oldest go, until the rest fits, in whatever order they are given', () => {
  const shows = [show(2, 40), show(9, 30), show(5, 30)];
  expect(hours(expired(shows, { bytesMax: 100, keepMs: null }, NOW_MS))).toEqual([]);
  expect(hours(expired(shows, { bytesMax: 99, keepMs: null }, NOW_MS))).toEqual([9]);
  expect(hours(expired(shows, { bytesMax: 50, keepMs: null }, NOW_MS))).toEqual([9, 5]);
});

test('one that is on stays, and counts', () => {
  const shows = [show(9, 90, { running: true }), show(5, 20), show(1, 20)];
  expect(hours(expired(shows, { bytesMax: 100, keepMs: null }, NOW_MS))).toEqual([5, 1]);
  expect(hours(expired(shows, { bytesMax: 1, keepMs: HOUR_MS }, NOW_MS))).toEqual([5, 1]);
});

test('too old: from its end on', () => {
  const shows = [show(26, 1), show(25, 1), show(24, 1)];
  expect(hours(expired(shows, { bytesMax: null, keepMs: 24 * HOUR_MS }, NOW_MS))).toEqual([26]);
});

test('one that was cut off before there was anything goes', () => {
  expect(hours(expired([show(1, 0, { durationMs: 0 })], { bytesMax: null, keepMs: null }, NOW_MS))).toEqual([1]);
});
