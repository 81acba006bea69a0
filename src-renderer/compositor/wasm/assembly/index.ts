/**
 * BGRX or RGBX pixels to I420, BT.709 limited range (ITU-R BT.709-6, 3.5), in 8-bit fixed point with SIMD.
 * AssemblyScript: built by build/wasm.mjs. Addresses are offsets into the imported memory.
 */

// Luma weights times 219/255 * 256; they add up to 220, so that white is 235 and black 16.
const Y_RED: i16 = 47;
const Y_GREEN: i16 = 157;
const Y_BLUE: i16 = 16;

/** @param width even, at least 16 @param height even @param redFirst whether memory holds R, G, B, X instead of B, G, R, X */
export function toI420(source: usize, destination: usize, width: i32, height: i32, redFirst: bool): void {
  const uPlane = destination + <usize>(width * height);
  const vPlane = uPlane + <usize>((width * height) >> 2);
  for (let y = 0; y < height; y += 2) {
    // The last step of a row overlaps the one before where the width is no multiple of 16.
    for (let x = 0; x < width; x += 16) block(source, destination, uPlane, vPlane, width, min(x, width - 16), y, redFirst);
  }
}

/** 16 x 2 pixels. */
// @ts-ignore: decorator
@inline
function block(source: usize, yPlane: usize, uPlane: usize, vPlane: usize, width: i32, x: i32, y: i32, redFirst: bool): void {
  const half = i16x8.splat(128);
  let blues = i16x8.splat(0);
  let greens = i16x8.splat(0);
  let reds = i16x8.splat(0);
  for (let row = 0; row < 2; row++) {
    const at = <usize>((y + row) * width + x);
    const pixels = source + (at << 2);
    const a = v128.load(pixels);
    const b = v128.load(pixels, 16);
    const c = v128.load(pixels, 32);
    const d = v128.load(pixels, 48);
    const first1 = v128.shuffle<u8>(a, b, 0, 4, 8, 12, 16, 20, 24, 28, 1, 5, 9, 13, 17, 21, 25, 29);
    const first2 = v128.shuffle<u8>(c, d, 0, 4, 8, 12, 16, 20, 24, 28, 1, 5, 9, 13, 17, 21, 25, 29);
    const third1 = v128.shuffle<u8>(a, b, 2, 6, 10, 14, 18, 22, 26, 30, 2, 6, 10, 14, 18, 22, 26, 30);
    const third2 = v128.shuffle<u8>(c, d, 2, 6, 10, 14, 18, 22, 26, 30, 2, 6, 10, 14, 18, 22, 26, 30);
    const blue1 = redFirst ? third1 : first1;
    const blue2 = redFirst ? third2 : first2;
    const red1 = redFirst ? first1 : third1;
    const red2 = redFirst ? first2 : third2;
    const low = luma(i16x8.extend_low_i8x16_u(blue1), i16x8.extend_high_i8x16_u(first1), i16x8.extend_low_i8x16_u(red1));
    const high = luma(i16x8.extend_low_i8x16_u(blue2), i16x8.extend_high_i8x16_u(first2), i16x8.extend_low_i8x16_u(red2));
    v128.store(yPlane + at, i8x16.add(i8x16.narrow_i16x8_u(low, high), i8x16.splat(16)));
    const blue = v128.shuffle<u8>(blue1, blue2, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23);
    const green = v128.shuffle<u8>(first1, first2, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31);
    const red = v128.shuffle<u8>(red1, red2, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23);
    blues = i16x8.add(blues, i16x8.extadd_pairwise_i8x16_u(blue));
    greens = i16x8.add(greens, i16x8.extadd_pairwise_i8x16_u(green));
    reds = i16x8.add(reds, i16x8.extadd_pairwise_i8x16_u(red));
  }
  // The mean of 2 x 2 pixels.
  const two = i16x8.splat(2);
  blues = i16x8.shr_u(i16x8.add(blues, two), 2);
  greens = i16x8.shr_u(i16x8.add(greens, two), 2);
  reds = i16x8.shr_u(i16x8.add(reds, two), 2);
  // Chroma weights times 224/255 * 256; each row adds up to 0, so that grey stays 128.
  const u = chroma(blues, i16x8.add(i16x8.mul(greens, i16x8.splat(87)), i16x8.mul(reds, i16x8.splat(25))), half);
  const v = chroma(reds, i16x8.add(i16x8.mul(greens, i16x8.splat(102)), i16x8.mul(blues, i16x8.splat(10))), half);
  const out = <usize>((y >> 1) * (width >> 1) + (x >> 1));
  v128.store64_lane(uPlane + out, i8x16.narrow_i16x8_u(u, u), 0);
  v128.store64_lane(vPlane + out, i8x16.narrow_i16x8_u(v, v), 0);
}

// @ts-ignore: decorator
@inline
function luma(blue: v128, green: v128, red: v128): v128 {
  const weighted = i16x8.add(i16x8.mul(blue, i16x8.splat(Y_BLUE)), i16x8.mul(green, i16x8.splat(Y_GREEN)));
  return i16x8.shr_u(i16x8.add(weighted, i16x8.add(i16x8.mul(red, i16x8.splat(Y_RED)), i16x8.splat(128))), 8);
}

// @ts-ignore: decorator
@inline
function chroma(own: v128, others: v128, half: v128): v128 {
  return i16x8.add(i16x8.shr_s(i16x8.add(i16x8.sub(i16x8.mul(own, i16x8.splat(112)), others), half), 8), half);
}
