import { expect, test } from 'vitest';
import { Show } from './show.ts';

const HEAD = { id: '20261123-011530-042', stream: 'live', startedAtMs: 1_790_000_000_000, targetDurationS: 2 };
const FILE = { initBytes: 800, codecs: ['avc1.64001f'], picture: { widthPx: 1280, heightPx: 720 } };
const segment = (file: number, at: number) => ({ file, at, bytes: 1_000, durationMs: 2_000, atMs: 0, pictures: 60, gap: false });
const PARSED = { head: HEAD, files: [FILE, FILE], segments: [segment(0, 800), segment(0, 1_800), segment(1, 800)], end: null };

test('what the index speaks of is there', () => {
  const show = Show.of('/shows/x', PARSED, [2_800, 1_800]);
  expect(show.totals).toEqual({ durationMs: 6_000, sizeBytes: 4_600 });
  expect([show.fileBytes(0), show.fileBytes(1), show.fileBytes(2)]).toEqual([2_800, 1_800, 0]);
});

test.each([
  ['its last byte is missing', [2_800, 1_799], 2],
  ['a file is missing', [2_800], 2],
  ['the middle is missing: what follows is no show', [2_799, 1_800], 1],
  ['nothing is there', [], 0],
])('%s', (_, sizes, segments) => {
  const show = Show.of('/shows/x', PARSED, sizes);
  expect(show.segments.length).toBe(segments);
  expect(show.totals.durationMs).toBe(segments * 2_000);
});

test('more than the index speaks of is never given out', () => {
  expect(Show.of('/shows/x', PARSED, [99_999, 99_999]).fileBytes(0)).toBe(2_800);
});
