import { expect, test } from 'vitest';
import { GopCache } from './gop-cache.ts';
import { videoFrame } from './test-frames.ts';

const LIMITS = { gopCacheBytes: 1_000, gopCacheMs: 2_000 };

test('keeps the frames since the last IDR', () => {
  const cache = new GopCache(LIMITS);
  cache.push(videoFrame(0)); // undecodable: dropped
  expect(cache.frames).toEqual([]);
  cache.push(videoFrame(33, { key: true }));
  cache.push(videoFrame(66));
  expect(cache).toMatchObject({ bytes: 200, spanMs: 33 });
  const next = videoFrame(100, { key: true });
  cache.push(next);
  expect(cache.frames).toEqual([next]);
});

test.each([
  ['bytes', videoFrame(40, { body: new Uint8Array(1_000) })],
  ['time', videoFrame(2_001)],
])('above its limit in %s it is empty until the next IDR', (_what, frame) => {
  const cache = new GopCache(LIMITS);
  cache.push(videoFrame(0, { key: true }));
  cache.push(frame);
  expect(cache).toMatchObject({ frames: [], bytes: 0, spanMs: 0 });
  cache.push(videoFrame(2_100));
  expect(cache.frames).toEqual([]);
  cache.push(videoFrame(2_200, { key: true }));
  expect(cache.bytes).toBe(100);
});
