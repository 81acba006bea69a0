import { times } from './point';

/** Colours times alpha, in place: for filters that mix pixels. */
export function premultiply(pixels: usize, count: i32): void {
  for (let at = pixels; at < pixels + (<usize>count << 2); at += 16) {
    const four = v128.load(at);
    const alphas = v128.shuffle<u8>(four, four, 3, 3, 3, 3, 7, 7, 7, 7, 11, 11, 11, 11, 15, 15, 15, 15);
    // alpha itself times 255
    const by = v128.or(alphas, i32x4.splat(0xff000000));
    v128.store(at, i8x16.narrow_i16x8_u(times(i16x8.extend_low_i8x16_u(four), i16x8.extend_low_i8x16_u(by)),
      times(i16x8.extend_high_i8x16_u(four), i16x8.extend_high_i8x16_u(by))));
  }
}

/** The other way, pixel by pixel. */
export function unpremultiply(pixels: usize, count: i32): void {
  for (let at = pixels; at < pixels + (<usize>count << 2); at += 4) {
    const alpha = load<u8>(at, 3);
    if (alpha == 255 || alpha == 0) continue;
    const by = f32x4.splat(<f32>255.0 / <f32>alpha);
    const bytes = i16x8.extend_low_i8x16_u(v128.load32_zero(at));
    const wide = f32x4.add(f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_u(bytes)), by), f32x4.splat(0.5));
    const words = i32x4.trunc_sat_f32x4_s(wide);
    const narrow = i16x8.narrow_i32x4_s(words, words);
    store<u32>(at, (i32x4.extract_lane(i8x16.narrow_i16x8_u(narrow, narrow), 0) & 0x00ffffff) | (<u32>alpha << 24));
  }
}

/**
 * Lays a premultiplied picture over a premultiplied one, each colour times `opacity` (0..256).
 * @param pixels where its first pixel belongs @param stride bytes from row to row there
 */
export function over(pixels: usize, stride: i32, picture: usize, width: i32, height: i32, opacity: i32): void {
  const half = i16x8.splat(128);
  const by = i16x8.splat(<i16>opacity);
  for (let y = 0; y < height; y++) {
    const row = pixels + <usize>(y * stride);
    const from = picture + <usize>(y * width * 4);
    for (let x: usize = 0; x < <usize>(width * 4); x += 4) {
      const top = i16x8.shr_u(i16x8.add(i16x8.mul(i16x8.extend_low_i8x16_u(v128.load32_zero(from + x)), by), half), 8);
      const rest = i16x8.splat(<i16>(255 - i16x8.extract_lane_u(top, 3)));
      const sum = i16x8.add(top, times(i16x8.extend_low_i8x16_u(v128.load32_zero(row + x)), rest));
      store<u32>(row + x, i32x4.extract_lane(i8x16.narrow_i16x8_u(sum, sum), 0));
    }
  }
}
