import { expect, test } from 'vitest';
import { traceOf, traceOfRate } from '../../../src-main/engine/link/trace.ts';
import { LinkQueue } from './link-queue.ts';

const packet = (length: number, name = '') => ({ length, name });
const open = { delayMs: 10, bufferBytes: 100_000, lossPct: 0 };

test('without a trace only the delay counts, and order is kept', () => {
  const queue = new LinkQueue<{ length: number; name: string }>(open);
  queue.offer(packet(100, 'a'), 0);
  queue.offer(packet(100, 'b'), 1);
  expect(queue.nextMs).toBe(10);
  expect(queue.take(9.9)).toEqual([]);
  expect(queue.take(10).map(({ name }) => name)).toEqual(['a']);
  expect(queue.take(20).map(({ name }) => name)).toEqual(['b']);
  expect(queue.nextMs).toBe(Number.POSITIVE_INFINITY);
});

test('an opportunity carries 1,500 bytes, parts of packets too, and what it does not use is lost', () => {
  const queue = new LinkQueue<{ length: number; name: string }>({ ...open, delayMs: 0 });
  queue.follow(traceOf([1, 2, 3, 4, 10]), 1_000);
  for (const name of ['a', 'b', 'c']) queue.offer(packet(1_000, name), 1_000);
  expect(queue.nextMs).toBe(1_001);
  expect(queue.take(1_001).map(({ name }) => name)).toEqual(['a']);
  expect(queue.bufferedBytes).toBe(1_500);
  expect(queue.take(1_002).map(({ name }) => name)).toEqual(['b', 'c']);
  queue.take(1_004); // with nothing to carry
  queue.offer(packet(1_500, 'd'), 1_005);
  expect(queue.take(1_009)).toEqual([]);
  expect(queue.take(1_010).map(({ name }) => name)).toEqual(['d']);
});

test('however late it is looked after, packets leave at the rate of the trace', () => {
  const queue = new LinkQueue<{ length: number; name: string }>({ ...open, delayMs: 0, bufferBytes: 1_000_000 });
  queue.follow(
    traceOfRate(60_000, () => 1_500),
    0,
  );
  for (let n = 0; n < 500; n++) queue.offer(packet(1_500), 0);
  expect(queue.take(1_000).length).toBe(125);
  expect(queue.take(3_000).length).toBe(250);
});

test('a full buffer loses what comes last', () => {
  const queue = new LinkQueue<{ length: number; name: string }>({ ...open, bufferBytes: 2_000 });
  queue.follow(traceOf([50]), 0);
  for (const name of ['a', 'b', 'c']) queue.offer(packet(1_000, name), 0);
  expect(queue.counts).toMatchObject({ offeredPackets: 3, overflowedPackets: 1 });
  expect(queue.take(200).map(({ name }) => name)).toEqual(['a', 'b']);
});

test('a cut loses what comes and keeps what waits', () => {
  const queue = new LinkQueue<{ length: number; name: string }>({ ...open, delayMs: 0 });
  queue.follow(traceOf([10]), 0);
  queue.offer(packet(1_000, 'before'), 0);
  queue.cut(true);
  queue.offer(packet(1_000, 'during'), 5);
  expect(queue.take(100)).toEqual([]);
  queue.cut(false);
  expect(queue.take(110).map(({ name }) => name)).toEqual(['before']);
  expect(queue.counts.lostPackets).toBe(1);
});

test('loss is at random, as often as asked', () => {
  let seed = 1;
  const random = () => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647;
  const queue = new LinkQueue<{ length: number; name: string }>({ ...open, lossPct: 5 }, random);
  for (let n = 0; n < 10_000; n++) queue.offer(packet(100), n);
  expect(queue.counts.lostPackets).toBeGreaterThan(400);
  expect(queue.counts.lostPackets).toBeLessThan(600);
});
