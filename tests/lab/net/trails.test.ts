import { expect, test } from 'vitest';
import type { EncodedTrail, ReceivedTrail } from './protocol.ts';
import { deliveries, longestGapMs, sessionsTakeTurns, timesRise } from './trails.ts';

const encoded = (dtsMs: number, crc: number): EncodedTrail => ({
  atMs: 1_000 + dtsMs,
  dtsMs,
  kind: 'video',
  key: false,
  bytes: 10,
  crc,
  renditionId: 'stream',
});
const received = (timestampMs: number, crc: number, atMs = 1_000): ReceivedTrail => ({
  atMs,
  timestampMs,
  kind: 'video',
  key: false,
  bytes: 10,
  crc,
  session: 0,
});

test('packets are found by content, and the dropped ones have none', () => {
  const found = deliveries([encoded(5_000, 1), encoded(5_033, 2), encoded(5_067, 3)], [received(0, 1), received(67, 3)]);
  expect(found.map((delivery) => delivery.received?.timestampMs ?? null)).toEqual([0, null, 67]);
});

test('equal contents are told apart by their times, though the first of them was dropped', () => {
  const found = deliveries([encoded(5_000, 1), encoded(5_033, 7), encoded(5_067, 7), encoded(5_100, 7)], [received(0, 1), received(67, 7)]);
  expect(found.map((delivery) => delivery.received?.timestampMs ?? null)).toEqual([0, null, 67, null]);
});

test('what comes twice is paired once', () => {
  const found = deliveries([encoded(0, 1)], [received(0, 1, 1_010), received(0, 1, 1_020)]);
  expect(found[0]?.received?.atMs).toBe(1_010);
});

test('times must rise, each kind for itself', () => {
  expect(timesRise([received(0, 1), { ...received(0, 2), kind: 'audio' }, received(33, 3)])).toBe(true);
  expect(timesRise([received(0, 1), received(0, 2)])).toBe(false);
});

test('gaps count from the start and to the end', () => {
  const at = (atMs: number) => received(0, 0, atMs);
  expect(longestGapMs([at(100), at(150)], 0, 200)).toBe(100);
  expect(longestGapMs([at(100), at(150)], 90, 400)).toBe(250);
  expect(longestGapMs([], 0, 400)).toBe(400);
});

test('a session that goes on beside a newer one is found', () => {
  const of = (session: number) => ({ ...received(0, 0), session });
  expect(sessionsTakeTurns([of(0), of(0), of(1)])).toBe(true);
  expect(sessionsTakeTurns([of(0), of(1), of(0)])).toBe(false);
});
