/**
 * One pass over the eight neighbours of each byte. What a neighbour's difference d says counts as it is up to
 * `threshold`, then less and less, and nothing from twice that on; the sum of all eight, eighthed, is added.
 * @param threshold 1..31, so that eight of them fit a byte
 */
export function denoise(from: usize, to: usize, width: i32, height: i32, threshold: i32): void {
  const rowBytes = <usize>(width * 4);
  const twice = i8x16.splat(<i8>(2 * threshold));
  for (let y = 0; y < height; y++) {
    const row = from + <usize>y * rowBytes;
    const above = from + <usize>max(y - 1, 0) * rowBytes;
    const below = from + <usize>min(y + 1, height - 1) * rowBytes;
    const out = to + <usize>y * rowBytes;
    // The picture's edge columns are left as they are.
    store<u32>(out, load<u32>(row));
    store<u32>(out + rowBytes - 4, load<u32>(row + rowBytes - 4));
    if (width < 6) {
      memory.copy(out, row, rowBytes);
      continue;
    }
    for (let x: usize = 4; x < rowBytes - 4; x += 16) {
      const at = min(x, rowBytes - 20);
      const own = v128.load(row + at);
      let more = i8x16.splat(0);
      let less = i8x16.splat(0);
      for (let line = 0; line < 3; line++) {
        const base = (line == 0 ? above : line == 1 ? row : below) + at;
        const left = v128.load(base - 4);
        const right = v128.load(base + 4);
        more = i8x16.add(more, i8x16.add(influence(left, own, twice), influence(right, own, twice)));
        less = i8x16.add(less, i8x16.add(influence(own, left, twice), influence(own, right, twice)));
        if (line == 1) continue;
        const same = v128.load(base);
        more = i8x16.add(more, influence(same, own, twice));
        less = i8x16.add(less, influence(own, same, twice));
      }
      v128.store(out + at, i8x16.sub(i8x16.add_sat_u(own, eighth(more)), eighth(less)));
    }
  }
}

/** max(0, a - b), and less of it the larger it is. */
// @ts-ignore: decorator
@inline
function influence(a: v128, b: v128, twice: v128): v128 {
  const d = i8x16.sub_sat_u(a, b);
  return i8x16.min_u(d, i8x16.sub_sat_u(twice, d));
}

// @ts-ignore: decorator
@inline
function eighth(x: v128): v128 {
  return i8x16.shr_u(x, 3);
}
