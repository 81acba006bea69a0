import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { drawTickStrip, readTickStrip, tickStripBits, tickStripBlockPx, timeCodeAgeMs, timeCodeOf } from './tick-strip.ts';

const text = (tick: number) => tickStripBits(tick).map(Number).join('');
const anyTick = fc.integer({ min: 0, max: 2 ** 32 - 1 });

describe('tick strip', () => {
  // CRCs by polynomial division of the 32 bits and four zeros by 10011
  test.each([
    [0, '1010' + '0'.repeat(32) + '0000'],
    [1, '1010' + '0'.repeat(31) + '1' + '0011'],
    [2, '1010' + '0'.repeat(30) + '10' + '0110'],
    [16, '1010' + '0'.repeat(27) + '10000' + '0101'],
  ])('tick %i is %s', (tick, expected) => expect(text(tick)).toBe(expected));

  test('property: reading inverts drawing for every tick and width', () => {
    fc.assert(
      fc.property(anyTick, fc.integer({ min: 160, max: 1920 }), (tick, widthPx) => {
        const strideBytes = widthPx + 32;
        const luma = new Uint8Array(strideBytes * 16).fill(90);
        drawTickStrip(luma, strideBytes, widthPx, tick);
        expect(readTickStrip(luma, strideBytes, widthPx)).toBe(tick);
        expect(luma[tickStripBlockPx(widthPx) * 40]).toBe(90);
      }),
    );
  });

  test('property: any one wrong block is noticed', () => {
    fc.assert(
      fc.property(anyTick, fc.integer({ min: 0, max: 39 }), (tick, wrong) => {
        const luma = new Uint8Array(640 * 16);
        drawTickStrip(luma, 640, 640, tick);
        const flipped = luma[wrong * 16] === 16 ? 235 : 16;
        for (let row = 0; row < 16; row++) luma.fill(flipped, row * 640 + wrong * 16, row * 640 + (wrong + 1) * 16);
        expect(readTickStrip(luma, 640, 640)).toBeNull();
      }),
    );
  });

  test('property: it is read from a picture scaled to a half or a third', () => {
    fc.assert(
      fc.property(anyTick, fc.constantFrom(2, 3), (tick, divisor) => {
        const luma = new Uint8Array(1920 * 16);
        drawTickStrip(luma, 1920, 1920, tick);
        const widthPx = 1920 / divisor;
        const small = new Uint8Array(widthPx * 8);
        for (let y = 0; y < 5; y++) for (let x = 0; x < widthPx; x++) small[y * widthPx + x] = luma[y * divisor * 1920 + x * divisor]!;
        expect(readTickStrip(small, widthPx, widthPx, 1 / divisor)).toBe(tick);
      }),
    );
  });

  test('a picture without a strip has no tick', () => expect(readTickStrip(new Uint8Array(640 * 16).fill(128), 640, 640)).toBeNull());
});

const NOW_MS = 1_800_000_000_000;
test.each([
  ['half a second old', timeCodeOf(NOW_MS - 500), NOW_MS, 500],
  ['across the turn of the low 32 bits', 2 ** 32 - 100, 419 * 2 ** 32 + 300, 400],
  ['a clock a little ahead', timeCodeOf(NOW_MS + 20), NOW_MS, -20],
  ['a tick', 123_456, NOW_MS, null],
  ['from days ago', timeCodeOf(NOW_MS - 200_000), NOW_MS, null],
])('a time code: %s', (_what, code, nowMs, ageMs) => expect(timeCodeAgeMs(code, nowMs)).toBe(ageMs));
