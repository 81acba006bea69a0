/**
 * Goes from each byte towards what it was: out = now + ψ(before - now) weight / 256, rounded towards `now`; ψ as in
 * denoise.ts. Where any colour of a pixel has moved beyond twice the threshold, the pixel stays. Both get the result.
 * @param before the result of the picture before
 */
export function temporalDenoise(pixels: usize, before: usize, count: i32, threshold: i32, weight: i32): void {
  const twice = i8x16.splat(<i8>(2 * threshold));
  const by = i16x8.splat(<i16>weight);
  for (let at: usize = 0; at < <usize>count << 2; at += 16) {
    const now = v128.load(pixels + at);
    const was = v128.load(before + at);
    const up = i8x16.sub_sat_u(was, now);
    const down = i8x16.sub_sat_u(now, was);
    const byteMoved = v128.or(up, down);
    // the most that any byte of the pixel moved, in all four
    const turned = i8x16.max_u(byteMoved, v128.shuffle<u8>(byteMoved, byteMoved, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14));
    const moved = i8x16.max_u(turned, v128.shuffle<u8>(turned, turned, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13));
    const most = i8x16.sub_sat_u(twice, moved);
    const result = i8x16.sub(i8x16.add(now, share(i8x16.min_u(up, most), by)), share(i8x16.min_u(down, most), by));
    v128.store(pixels + at, result);
    v128.store(before + at, result);
  }
}

// @ts-ignore: decorator
@inline
function share(x: v128, by: v128): v128 {
  return i8x16.narrow_i16x8_u(i16x8.shr_u(i16x8.mul(i16x8.extend_low_i8x16_u(x), by), 8),
    i16x8.shr_u(i16x8.mul(i16x8.extend_high_i8x16_u(x), by), 8));
}
