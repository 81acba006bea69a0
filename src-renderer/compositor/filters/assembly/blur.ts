/** A weighted sum over neighbours of 16 bytes at a time. Weights are u16 in 8 bits and add up to 256: one for the middle, then one each side. */

const PAD: usize = 256;

/**
 * Along each row. @param rowBytes of a row, a multiple of `step` @param step bytes from a pixel to its neighbour, 1 or 4
 * @param weights address of radius + 1 weights @param radius up to 12
 * @param padded room for one row with its edges repeated: 512 bytes more than a row
 */
export function convolveRows(from: usize, to: usize, rowBytes: i32, height: i32, step: i32, weights: usize, radius: i32, padded: usize): void {
  const start = padded + PAD;
  for (let y = 0; y < height; y++) {
    const row = from + <usize>(y * rowBytes);
    memory.copy(start, row, <usize>rowBytes);
    for (let k: usize = 1; k <= <usize>radius; k++) {
      for (let byte: usize = 0; byte < <usize>step; byte++) {
        store<u8>(start - k * <usize>step + byte, load<u8>(row + byte));
        store<u8>(start + <usize>rowBytes + (k - 1) * <usize>step + byte, load<u8>(row + <usize>(rowBytes - step) + byte));
      }
    }
    const out = to + <usize>(y * rowBytes);
    const last = <usize>(rowBytes - 16);
    for (let x: usize = 0; x < <usize>rowBytes; x += 16) {
      // the last step of a row overlaps the one before
      const at = rowBytes < 16 ? 0 : min(x, last);
      const middle = v128.load(start + at);
      let weight = v128.load16_splat(weights);
      let low = i16x8.mul(i16x8.extend_low_i8x16_u(middle), weight);
      let high = i16x8.mul(i16x8.extend_high_i8x16_u(middle), weight);
      for (let k: usize = 1; k <= <usize>radius; k++) {
        const a = v128.load(start + at - k * <usize>step);
        const b = v128.load(start + at + k * <usize>step);
        weight = v128.load16_splat(weights + (k << 1));
        low = i16x8.add(low, i16x8.mul(i16x8.add(i16x8.extend_low_i8x16_u(a), i16x8.extend_low_i8x16_u(b)), weight));
        high = i16x8.add(high, i16x8.mul(i16x8.add(i16x8.extend_high_i8x16_u(a), i16x8.extend_high_i8x16_u(b)), weight));
      }
      const bytes = settled(low, high);
      if (rowBytes >= 16) v128.store(out + at, bytes);
      else keep(out, bytes, rowBytes, padded);
    }
  }
}

/** Along each column. `to` has room for 16 bytes more than the picture. */
export function convolveColumns(from: usize, to: usize, rowBytes: i32, height: i32, weights: usize, radius: i32): void {
  for (let y = 0; y < height; y++) {
    const row = from + <usize>(y * rowBytes);
    const out = to + <usize>(y * rowBytes);
    for (let x: usize = 0; x < <usize>rowBytes; x += 16) {
      const middle = v128.load(row + x);
      let weight = v128.load16_splat(weights);
      let low = i16x8.mul(i16x8.extend_low_i8x16_u(middle), weight);
      let high = i16x8.mul(i16x8.extend_high_i8x16_u(middle), weight);
      for (let k = 1; k <= radius; k++) {
        const a = v128.load(from + <usize>(max(y - k, 0) * rowBytes) + x);
        const b = v128.load(from + <usize>(min(y + k, height - 1) * rowBytes) + x);
        weight = v128.load16_splat(weights + <usize>(k << 1));
        low = i16x8.add(low, i16x8.mul(i16x8.add(i16x8.extend_low_i8x16_u(a), i16x8.extend_low_i8x16_u(b)), weight));
        high = i16x8.add(high, i16x8.mul(i16x8.add(i16x8.extend_high_i8x16_u(a), i16x8.extend_high_i8x16_u(b)), weight));
      }
      // rows follow each other: what is written beyond this one is written anew by the next
      v128.store(out + x, settled(low, high));
    }
  }
}

// @ts-ignore: decorator
@inline
function settled(low: v128, high: v128): v128 {
  const half = i16x8.splat(128);
  return i8x16.narrow_i16x8_u(i16x8.shr_u(i16x8.add_sat_u(low, half), 8), i16x8.shr_u(i16x8.add_sat_u(high, half), 8));
}

function keep(out: usize, bytes: v128, count: i32, padded: usize): void {
  v128.store(padded, bytes);
  memory.copy(out, padded, <usize>count);
}

/** RGBA to half its width and height (rounded up): the mean of 2 x 2 pixels, edges repeated. */
export function halve(from: usize, to: usize, width: i32, height: i32): void {
  const halfWidth = (width + 1) >> 1;
  const halfHeight = (height + 1) >> 1;
  const two = i16x8.splat(2);
  for (let y = 0; y < halfHeight; y++) {
    const upper = from + <usize>(2 * y * width * 4);
    const lower = from + <usize>(min(2 * y + 1, height - 1) * width * 4);
    for (let x = 0; x < halfWidth; x++) {
      const left = <usize>(x * 8);
      const right = <usize>(min(2 * x + 1, width - 1) * 4);
      const sum = i16x8.add(
        i16x8.add(i16x8.extend_low_i8x16_u(v128.load32_zero(upper + left)), i16x8.extend_low_i8x16_u(v128.load32_zero(upper + right))),
        i16x8.add(i16x8.extend_low_i8x16_u(v128.load32_zero(lower + left)), i16x8.extend_low_i8x16_u(v128.load32_zero(lower + right))));
      const mean = i16x8.shr_u(i16x8.add(sum, two), 2);
      store<u32>(to + <usize>((y * halfWidth + x) * 4), i32x4.extract_lane(i8x16.narrow_i16x8_u(mean, mean), 0));
    }
  }
}

/** RGBA of half the size to `width` x `height`, linear: 9, 3, 3 and 1 sixteenths of the four nearest. */
export function double(from: usize, to: usize, width: i32, height: i32): void {
  const halfWidth = (width + 1) >> 1;
  const halfHeight = (height + 1) >> 1;
  const eight = i16x8.splat(8);
  for (let y = 0; y < height; y++) {
    const near = from + <usize>((y >> 1) * halfWidth * 4);
    const far = from + <usize>(clampTo((y >> 1) + ((y & 1) << 1) - 1, halfHeight) * halfWidth * 4);
    for (let x = 0; x < width; x++) {
      const own = <usize>((x >> 1) * 4);
      const next = <usize>(clampTo((x >> 1) + ((x & 1) << 1) - 1, halfWidth) * 4);
      const a = column(near + own, far + own);
      const b = column(near + next, far + next);
      const sum = i16x8.add(i16x8.add(i16x8.add(a, i16x8.add(a, a)), b), eight);
      const mean = i16x8.shr_u(sum, 4);
      store<u32>(to + <usize>((y * width + x) * 4), i32x4.extract_lane(i8x16.narrow_i16x8_u(mean, mean), 0));
    }
  }
}

// @ts-ignore: decorator
@inline
function column(near: usize, far: usize): v128 {
  const n = i16x8.extend_low_i8x16_u(v128.load32_zero(near));
  return i16x8.add(i16x8.add(n, i16x8.add(n, n)), i16x8.extend_low_i8x16_u(v128.load32_zero(far)));
}

// @ts-ignore: decorator
@inline
function clampTo(at: i32, count: i32): i32 {
  return max(0, min(at, count - 1));
}
