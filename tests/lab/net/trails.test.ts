import { expect, test } from 'vitest';
import type { EncodedTrail, ReceivedTrail } from './protocol.ts';
import { deliveries, longestStepMs, missedPictures, sessionsTakeTurns, timesRise } from './trails.ts';

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

test('a picture that arrives in no rendition is missed; one that the encoder left out is not', () => {
  const other = (dtsMs: number, crc: number) => ({ ...encoded(dtsMs, crc), renditionId: 'other' });
  const all = [encoded(0, 1), other(0, 11), encoded(33, 2), other(33, 12), encoded(67, 3), other(67, 13), encoded(200, 4), encoded(233, 5)];
  expect(missedPictures(all, [received(0, 1), received(67, 13), received(200, 4)])).toBe(1);
  expect(missedPictures(all, [received(0, 1), received(33, 2), received(67, 13), received(200, 4)])).toBe(0);
  expect(missedPictures(all, [])).toBe(0);
});

test('steps are between neighbours', () => {
  expect(longestStepMs([0, 33, 133, 166])).toBe(100);
  expect(longestStepMs([5])).toBe(0);
});

test('a session that goes on beside a newer one is found', () => {
  const of = (session: number) => ({ ...received(0, 0), session });
  expect(sessionsTakeTurns([of(0), of(0), of(1)])).toBe(true);
  expect(sessionsTakeTurns([of(0), of(1), of(0)])).toBe(false);
});
