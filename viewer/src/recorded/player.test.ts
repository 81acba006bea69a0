import { expect, test } from 'vitest';
import { PRIVATE_RETRY_MS, remedyFor } from './player.ts';

test('a decoder that gives up is set up anew once, and then with a wait that grows', () => {
  const error = { isMedia: true, status: null };
  expect(remedyFor(error, 0)).toEqual({ problem: null, retryMs: 0 });
  const waits = [1, 3, 9].map((count) => remedyFor(error, count).retryMs ?? 0);
  expect(waits[0]).toBeGreaterThan(500);
  expect(waits[1]).toBeGreaterThan(waits[0] ?? 0);
  expect(waits[2]).toBeLessThanOrEqual(10_000);
});

test('what the server says: away for good, private for now, or nothing', () => {
  const said = (status: number | null) => remedyFor({ isMedia: false, status }, 0);
  expect(said(404)).toEqual({ problem: 'gone', retryMs: null });
  for (const status of [403, 429]) expect(said(status)).toEqual({ problem: 'private', retryMs: PRIVATE_RETRY_MS });
  expect(said(500).problem).toBe('network');
  expect(said(null).retryMs).toBeGreaterThan(0);
});
