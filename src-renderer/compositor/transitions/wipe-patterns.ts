/** When each point of the canvas is wiped: 0 first, 255 last, by pattern. `x` and `y` are 0 to 1. */
import type { TransitionOf } from '../../../src-shared/domain/index.ts';

const BLINDS = 8;

const PATTERNS: Record<TransitionOf<'wipe'>['pattern'], (x: number, y: number, aspect: number) => number> = {
  across: (x) => x,
  down: (_, y) => y,
  diagonal: (x, y) => (x + y) / 2,
  // a circle that opens from the centre and reaches the corners last
  iris: (x, y, aspect) => Math.hypot((x - 0.5) * aspect, y - 0.5) / Math.hypot(0.5 * aspect, 0.5),
  // clockwise from twelve
  clock: (x, y, aspect) => (Math.atan2((x - 0.5) * aspect, 0.5 - y) / (2 * Math.PI) + 1) % 1,
  blinds: (_, y) => (y * BLINDS) % 1,
};

/** @returns one byte a pixel, row by row, `widthPx` × `heightPx` */
export function patternMap(pattern: TransitionOf<'wipe'>['pattern'], widthPx: number, heightPx: number): Uint8Array {
  const map = new Uint8Array(widthPx * heightPx);
  const valueAt = PATTERNS[pattern];
  for (let row = 0, at = 0; row < heightPx; row++)
    for (let column = 0; column < widthPx; column++, at++)
      map[at] = Math.round(valueAt((column + 0.5) / widthPx, (row + 0.5) / heightPx, widthPx / heightPx) * 255);
  return map;
}

/** The luma of a picture's pixels (ITU-R BT.709-6, 3.2). @param rgba four bytes a pixel, straight alpha; what is transparent counts as black */
export function lumaMap(rgba: Uint8ClampedArray): Uint8Array {
  const map = new Uint8Array(rgba.length / 4);
  for (let at = 0, from = 0; at < map.length; at++, from += 4) {
    const luma = 0.2126 * (rgba[from] ?? 0) + 0.7152 * (rgba[from + 1] ?? 0) + 0.0722 * (rgba[from + 2] ?? 0);
    map[at] = Math.round((luma * (rgba[from + 3] ?? 0)) / 255);
  }
  return map;
}
