/** A plane of BT.709 luma, for `count` pixels rounded up to 16. */
export function lumaOf(pixels: usize, plane: usize, count: i32): void {
  for (let at: usize = 0; at < <usize>count; at += 16) {
    const here = pixels + (at << 2);
    const a = v128.load(here);
    const b = v128.load(here, 16);
    const c = v128.load(here, 32);
    const d = v128.load(here, 48);
    const rg1 = v128.shuffle<u8>(a, b, 0, 4, 8, 12, 16, 20, 24, 28, 1, 5, 9, 13, 17, 21, 25, 29);
    const rg2 = v128.shuffle<u8>(c, d, 0, 4, 8, 12, 16, 20, 24, 28, 1, 5, 9, 13, 17, 21, 25, 29);
    const blue1 = v128.shuffle<u8>(a, b, 2, 6, 10, 14, 18, 22, 26, 30, 2, 6, 10, 14, 18, 22, 26, 30);
    const blue2 = v128.shuffle<u8>(c, d, 2, 6, 10, 14, 18, 22, 26, 30, 2, 6, 10, 14, 18, 22, 26, 30);
    v128.store(plane + at, i8x16.narrow_i16x8_u(luma(rg1, blue1), luma(rg2, blue2)));
  }
}

// @ts-ignore: decorator
@inline
function luma(rg: v128, blue: v128): v128 {
  const sum = i16x8.add(i16x8.add(i16x8.mul(i16x8.extend_low_i8x16_u(rg), i16x8.splat(54)),
    i16x8.mul(i16x8.extend_high_i8x16_u(rg), i16x8.splat(183))), i16x8.mul(i16x8.extend_low_i8x16_u(blue), i16x8.splat(19)));
  return i16x8.shr_u(i16x8.add_sat_u(sum, i16x8.splat(128)), 8);
}

/** Adds amount / 64 of what the luma has beyond its blurred self to red, green and blue, held within alpha. */
export function sharpen(pixels: usize, count: i32, plane: usize, blurred: usize, amount: i32): void {
  const by = i16x8.splat(<i16>amount);
  const half = i16x8.splat(32);
  const onlyAlpha = i32x4.splat(0xff000000);
  for (let at: usize = 0; at < <usize>count; at += 4) {
    const here = pixels + (at << 2);
    const own = i16x8.extend_low_i8x16_u(v128.load32_zero(plane + at));
    const soft = i16x8.extend_low_i8x16_u(v128.load32_zero(blurred + at));
    // ±255 times 192 (300 %) is beyond an i16: the difference is held within ±127, an edge as hard as they come
    const more = i16x8.max_s(i16x8.min_s(i16x8.sub(own, soft), i16x8.splat(127)), i16x8.splat(-127));
    const detail = i16x8.shr_s(i16x8.add(i16x8.mul(more, by), half), 6);
    const four = v128.load(here);
    const low = i16x8.add(i16x8.extend_low_i8x16_u(four), v128.shuffle<u16>(detail, detail, 0, 0, 0, 0, 1, 1, 1, 1));
    const high = i16x8.add(i16x8.extend_high_i8x16_u(four), v128.shuffle<u16>(detail, detail, 2, 2, 2, 2, 3, 3, 3, 3));
    const alphas = v128.shuffle<u8>(four, four, 3, 3, 3, 3, 7, 7, 7, 7, 11, 11, 11, 11, 15, 15, 15, 15);
    const sharper = i8x16.min_u(i8x16.narrow_i16x8_u(low, high), alphas);
    v128.store(here, v128.bitselect(four, sharper, onlyAlpha));
  }
}
