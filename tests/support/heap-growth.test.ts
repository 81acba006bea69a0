import { expect, test } from 'vitest';
import { growthBytes, liveHeapBytes } from './heap-growth.ts';

test('one window that grows is no leak, and all of them are', () => {
  expect(growthBytes([100, 900, 900, 900, 910], 10)).toBe(0.5);
  expect(growthBytes([0, 40, 80, 120], 4)).toBe(10);
  expect(growthBytes([0, 10], 5)).toBe(2);
  expect(growthBytes([5], 5)).toBeNaN();
});

test('garbage does not count, and what is kept does, in the heap and beside it', async () => {
  const kept: unknown[] = [];
  const before = await liveHeapBytes();
  for (let i = 0; i < 100; i += 1) new Array(10_000).fill(i);
  expect((await liveHeapBytes()) - before).toBeLessThan(1_000_000);
  kept.push(new Array(500_000).fill(0.5), new Uint8Array(4_000_000));
  expect((await liveHeapBytes()) - before).toBeGreaterThan(7_000_000);
  expect(kept).toHaveLength(2);
});
