import { expect, test } from 'vitest';
import { WIPE_PATTERNS } from '../../../src-shared/domain/index.ts';
import { lumaMap, patternMap } from './wipe-patterns.ts';

const at = (map: Uint8Array, widthPx: number, x: number, y: number) => map[y * widthPx + x] ?? -1;

test.each(WIPE_PATTERNS)('%s begins somewhere and ends elsewhere', (pattern) => {
  const map = patternMap(pattern, 160, 90);
  expect(Math.min(...map)).toBeLessThan(16);
  expect(Math.max(...map)).toBeGreaterThan(235);
});

test('across goes from left to right, down from top to bottom', () => {
  const across = patternMap('across', 4, 2);
  expect([...across]).toEqual([32, 96, 159, 223, 32, 96, 159, 223]);
  const down = patternMap('down', 2, 4);
  expect([...down]).toEqual([32, 32, 96, 96, 159, 159, 223, 223]);
});

test('the iris opens as a circle, whatever the shape of the canvas', () => {
  const map = patternMap('iris', 160, 90);
  expect(at(map, 160, 80, 45)).toBeLessThan(4);
  expect(Math.abs(at(map, 160, 80 + 30, 45) - at(map, 160, 80, 45 + 30))).toBeLessThanOrEqual(3);
  expect(at(map, 160, 0, 0)).toBeGreaterThan(250);
});

test('the clock goes from twelve by three, six and nine', () => {
  const map = patternMap('clock', 100, 100);
  const hours = [at(map, 100, 51, 10), at(map, 100, 90, 51), at(map, 100, 49, 90), at(map, 100, 10, 49)];
  expect(hours).toEqual(hours.toSorted((a, b) => a - b));
  expect(hours[0]).toBeLessThan(10);
});

test('a picture counts by its luma, and not where it is transparent', () => {
  expect([...lumaMap(new Uint8ClampedArray([255, 255, 255, 255, 0, 255, 0, 255, 255, 255, 255, 0]))]).toEqual([255, 182, 0]);
});
