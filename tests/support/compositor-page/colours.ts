/** The colours of a picture that the compositor delivered: BT.709 of limited range. */
import { expect } from 'vitest';
import type { VideoFrame420 } from '../../../src-shared/ipc/media.ts';

const LEVELS = 3;

/** Y, U, V */
export function pixel({ planes, widthPx, heightPx }: VideoFrame420, x: number, y: number): [number, number, number] {
  const luma = widthPx * heightPx;
  const chroma = (y >> 1) * (widthPx >> 1) + (x >> 1);
  return [planes[y * widthPx + x], planes[luma + chroma], planes[luma + luma / 4 + chroma]] as [number, number, number];
}

/** Y, U, V of limited range. @param kr @param kb the matrix's weights of red and blue */
export function limited(hex: string, kr: number, kb: number): [number, number, number] {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255);
  const luma = kr * red + (1 - kr - kb) * green + kb * blue;
  return [16 + 219 * luma, 128 + (112 * (blue - luma)) / (1 - kb), 128 + (112 * (red - luma)) / (1 - kr)];
}

export const bt709 = (hex: string) => limited(hex, 0.2126, 0.0722);

export function isColour(actual: readonly number[], expected: readonly number[]): boolean {
  return actual.every((value, index) => Math.abs(value - (expected[index] ?? 0)) <= LEVELS);
}

export function expectColour(actual: readonly number[], expected: readonly number[], what: string): void {
  expect(isColour(actual, expected), `${what}: ${actual} for ${expected}`).toBe(true);
}

/** What stands for a device that is gone, beside its name. */
export const PLACEHOLDER = bt709('#20242c');
