/**
 * Filters that look at one pixel only, all of them in one pass: 16 pixels are taken apart into planes, each operation
 * changes the planes, and they are put together again. An operation is a record of OP_BYTES in memory, see ../point-program.ts.
 */
const OP_BYTES: usize = 64;

const MATRIX: i32 = 1;
const TABLES: i32 = 2;
const LUT: i32 = 3;
const CHROMA_KEY: i32 = 4;
const LUMA_KEY: i32 = 5;
const COLOUR_KEY: i32 = 6;
const MASK: i32 = 7;

/** 16 red, 16 green, 16 blue, 16 alpha */
const block: usize = memory.data(64, 16);

/** @param count of pixels @param ops the address of the first record */
export function runPoints(pixels: usize, count: i32, ops: usize, opCount: i32): void {
  for (let at = 0; at < count; at += 16) {
    const here = pixels + ((<usize>at) << 2);
    apart(here);
    for (let index = 0; index < opCount; index++) {
      const op = ops + <usize>index * OP_BYTES;
      switch (load<i32>(op)) {
        case MATRIX: matrix(op); break;
        case TABLES: tables(op); break;
        case LUT: lut(op); break;
        case CHROMA_KEY: chromaKey(op); break;
        case LUMA_KEY: lumaKey(op); break;
        case COLOUR_KEY: colourKey(op); break;
        case MASK: mask(op, at); break;
      }
    }
    together(here);
  }
}

// @ts-ignore: decorator
@inline
function apart(here: usize): void {
  const a = v128.load(here);
  const b = v128.load(here, 16);
  const c = v128.load(here, 32);
  const d = v128.load(here, 48);
  const rg1 = v128.shuffle<u8>(a, b, 0, 4, 8, 12, 16, 20, 24, 28, 1, 5, 9, 13, 17, 21, 25, 29);
  const rg2 = v128.shuffle<u8>(c, d, 0, 4, 8, 12, 16, 20, 24, 28, 1, 5, 9, 13, 17, 21, 25, 29);
  const ba1 = v128.shuffle<u8>(a, b, 2, 6, 10, 14, 18, 22, 26, 30, 3, 7, 11, 15, 19, 23, 27, 31);
  const ba2 = v128.shuffle<u8>(c, d, 2, 6, 10, 14, 18, 22, 26, 30, 3, 7, 11, 15, 19, 23, 27, 31);
  v128.store(block, v128.shuffle<u64>(rg1, rg2, 0, 2));
  v128.store(block, v128.shuffle<u64>(rg1, rg2, 1, 3), 16);
  v128.store(block, v128.shuffle<u64>(ba1, ba2, 0, 2), 32);
  v128.store(block, v128.shuffle<u64>(ba1, ba2, 1, 3), 48);
}

// @ts-ignore: decorator
@inline
function together(here: usize): void {
  const r = v128.load(block);
  const g = v128.load(block, 16);
  const b = v128.load(block, 32);
  const a = v128.load(block, 48);
  const rg1 = v128.shuffle<u8>(r, g, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
  const rg2 = v128.shuffle<u8>(r, g, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
  const ba1 = v128.shuffle<u8>(b, a, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
  const ba2 = v128.shuffle<u8>(b, a, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
  v128.store(here, v128.shuffle<u16>(rg1, ba1, 0, 8, 1, 9, 2, 10, 3, 11));
  v128.store(here, v128.shuffle<u16>(rg1, ba1, 4, 12, 5, 13, 6, 14, 7, 15), 16);
  v128.store(here, v128.shuffle<u16>(rg2, ba2, 0, 8, 1, 9, 2, 10, 3, 11), 32);
  v128.store(here, v128.shuffle<u16>(rg2, ba2, 4, 12, 5, 13, 6, 14, 7, 15), 48);
}

/** Multiplies alpha by a weight of 0..255. */
// @ts-ignore: decorator
@inline
function weighAlpha(weight: v128): void {
  const alpha = v128.load(block, 48);
  v128.store(block, i8x16.narrow_i16x8_u(times(i16x8.extend_low_i8x16_u(alpha), i16x8.extend_low_i8x16_u(weight)),
    times(i16x8.extend_high_i8x16_u(alpha), i16x8.extend_high_i8x16_u(weight))), 48);
}

/** x y / 255, rounded: (p + 128 + ((p + 128) >> 8)) >> 8 is exact for p up to 255². */
// @ts-ignore: decorator
@inline
export function times(x: v128, y: v128): v128 {
  const p = i16x8.add(i16x8.mul(x, y), i16x8.splat(128));
  return i16x8.shr_u(i16x8.add(p, i16x8.shr_u(p, 8)), 8);
}

/**
 * At 4: nine coefficients (rows of red, green, blue) and three offsets as i16, coefficients with 10 bits behind the
 * point, offsets in 16ths of a level; at 28: what alpha is multiplied by, 0..256.
 */
// @ts-ignore: decorator
@inline
function matrix(op: usize): void {
  const red = v128.load(block);
  const green = v128.load(block, 16);
  const blue = v128.load(block, 32);
  // red and green side by side, and blue beside a 64 that carries the offset: 64 / 1024 is a 16th
  const rg1 = v128.shuffle<u8>(red, green, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
  const rg2 = v128.shuffle<u8>(red, green, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
  const one = i8x16.splat(64);
  const bo1 = v128.shuffle<u8>(blue, one, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
  const bo2 = v128.shuffle<u8>(blue, one, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
  for (let row: usize = 0; row < 3; row++) {
    const at = op + 4 + row * 6;
    const kRG = v128.load32_splat(at);
    const kBO = i32x4.splat(<i32>load<u16>(at, 4) | (<i32>load<i16>(op + 22 + row * 2) << 16));
    const low = i16x8.narrow_i32x4_s(
      weighed(i16x8.extend_low_i8x16_u(rg1), i16x8.extend_low_i8x16_u(bo1), kRG, kBO),
      weighed(i16x8.extend_high_i8x16_u(rg1), i16x8.extend_high_i8x16_u(bo1), kRG, kBO));
    const high = i16x8.narrow_i32x4_s(
      weighed(i16x8.extend_low_i8x16_u(rg2), i16x8.extend_low_i8x16_u(bo2), kRG, kBO),
      weighed(i16x8.extend_high_i8x16_u(rg2), i16x8.extend_high_i8x16_u(bo2), kRG, kBO));
    v128.store(block + row * 16, i8x16.narrow_i16x8_u(low, high));
  }
  const opacity = load<i32>(op, 28);
  if (opacity < 256) {
    const alpha = v128.load(block, 48);
    const by = i16x8.splat(<i16>opacity);
    const half = i16x8.splat(128);
    v128.store(block, i8x16.narrow_i16x8_u(
      i16x8.shr_u(i16x8.add(i16x8.mul(i16x8.extend_low_i8x16_u(alpha), by), half), 8),
      i16x8.shr_u(i16x8.add(i16x8.mul(i16x8.extend_high_i8x16_u(alpha), by), half), 8)), 48);
  }
}

// @ts-ignore: decorator
@inline
function weighed(rg: v128, bo: v128, kRG: v128, kBO: v128): v128 {
  const sum = i32x4.add(i32x4.dot_i16x8_s(rg, kRG), i32x4.dot_i16x8_s(bo, kBO));
  return i32x4.shr_s(i32x4.add(sum, i32x4.splat(512)), 10);
}

/** At 4: the address of three tables of 256 bytes, for red, green and blue. */
// @ts-ignore: decorator
@inline
function tables(op: usize): void {
  const table = load<u32>(op, 4);
  for (let channel: usize = 0; channel < 3; channel++) {
    const plane = block + channel * 16;
    const own = table + channel * 256;
    for (let i: usize = 0; i < 16; i++) store<u8>(plane + i, load<u8>(own + load<u8>(plane + i)));
  }
}

/**
 * Trilinear. At 4: the address of the grid (red runs fastest, four i16 an entry with 6 bits behind the point);
 * at 8: of three tables of 256 pairs of i32: a channel's byte offset into the grid, and its way to the next entry in
 * 15 bits; at 12, 16: the bytes from an entry to its next in green and in blue.
 */
// @ts-ignore: decorator
@inline
function lut(op: usize): void {
  const grid = load<u32>(op, 4);
  const steps = load<u32>(op, 8);
  const nextGreen = load<u32>(op, 12);
  const nextBlue = load<u32>(op, 16);
  for (let i: usize = 0; i < 16; i++) {
    const red = steps + (<usize>load<u8>(block + i) << 3);
    const green = steps + 2_048 + (<usize>load<u8>(block + i, 16) << 3);
    const blue = steps + 4_096 + (<usize>load<u8>(block + i, 32) << 3);
    const at = grid + load<u32>(red) + load<u32>(green) + load<u32>(blue);
    const g = i16x8.splat(load<i16>(green, 4));
    const b = i16x8.splat(load<i16>(blue, 4));
    const front = mix16(v128.load(at), v128.load(at + nextGreen), g);
    const back = mix16(v128.load(at + nextBlue), v128.load(at + nextGreen + nextBlue), g);
    const both = mix16(front, back, b);
    const colour = mix16(both, v128.shuffle<u64>(both, both, 1, 0), i16x8.splat(load<i16>(red, 4)));
    const bytes = i8x16.narrow_i16x8_u(i16x8.shr_s(i16x8.add(colour, i16x8.splat(32)), 6), colour);
    store<u8>(block + i, i8x16.extract_lane_u(bytes, 0));
    store<u8>(block + i, i8x16.extract_lane_u(bytes, 1), 16);
    store<u8>(block + i, i8x16.extract_lane_u(bytes, 2), 32);
  }
}

// @ts-ignore: decorator
@inline
function mix16(from: v128, to: v128, way: v128): v128 {
  return i16x8.add(from, i16x8.q15mulr_sat_s(i16x8.sub(to, from), way));
}

/** (x - from) * by, held within 0..1, as bytes: for 16 squares of distances, in four vectors. */
// @ts-ignore: decorator
@inline
function rampOf(s1: v128, s2: v128, s3: v128, s4: v128, from: v128, by: v128): v128 {
  return i8x16.narrow_i16x8_u(i16x8.narrow_i32x4_s(ramp(s1, from, by), ramp(s2, from, by)),
    i16x8.narrow_i32x4_s(ramp(s3, from, by), ramp(s4, from, by)));
}

/** 255 (√x - from) by, rounded; `by` holds the 255 already. Narrowing keeps it within 0..255. */
// @ts-ignore: decorator
@inline
function ramp(squares: v128, from: v128, by: v128): v128 {
  const distance = f32x4.sqrt(f32x4.convert_i32x4_s(squares));
  return i32x4.trunc_sat_f32x4_s(f32x4.add(f32x4.mul(f32x4.sub(distance, from), by), f32x4.splat(0.5)));
}

/**
 * At 4, 6: the key's Cb and Cr, i16 with 5 bits behind the point of a level; at 8, 12: similarity in such units and 255
 * a unit of smoothness, f32; at 16, 18: the key's direction in Q15; at 20: spill in Q15.
 */
// @ts-ignore: decorator
@inline
function chromaKey(op: usize): void {
  const red = v128.load(block);
  const green = v128.load(block, 16);
  const blue = v128.load(block, 32);
  const r1 = i16x8.extend_low_i8x16_u(red);
  const g1 = i16x8.extend_low_i8x16_u(green);
  const b1 = i16x8.extend_low_i8x16_u(blue);
  const r2 = i16x8.extend_high_i8x16_u(red);
  const g2 = i16x8.extend_high_i8x16_u(green);
  const b2 = i16x8.extend_high_i8x16_u(blue);
  const cb1 = chromaBlue(r1, g1, b1);
  const cr1 = chromaRed(r1, g1, b1);
  const cb2 = chromaBlue(r2, g2, b2);
  const cr2 = chromaRed(r2, g2, b2);
  const keyB = i16x8.splat(load<i16>(op, 4));
  const keyR = i16x8.splat(load<i16>(op, 6));
  const from = f32x4.splat(load<f32>(op, 8));
  const by = f32x4.splat(load<f32>(op, 12));
  const db1 = i16x8.sub(cb1, keyB);
  const dr1 = i16x8.sub(cr1, keyR);
  const db2 = i16x8.sub(cb2, keyB);
  const dr2 = i16x8.sub(cr2, keyR);
  weighAlpha(rampOf(squaresLow(db1, dr1), squaresHigh(db1, dr1), squaresLow(db2, dr2), squaresHigh(db2, dr2), from, by));
  const spill = load<i16>(op, 20);
  if (spill == 0) return;
  const toB = i16x8.splat(load<i16>(op, 16));
  const toR = i16x8.splat(load<i16>(op, 18));
  const s = i16x8.splat(spill);
  const e1 = excess(cb1, cr1, toB, toR, s);
  const e2 = excess(cb2, cr2, toB, toR, s);
  const lessB1 = i16x8.q15mulr_sat_s(e1, toB);
  const lessR1 = i16x8.q15mulr_sat_s(e1, toR);
  const lessB2 = i16x8.q15mulr_sat_s(e2, toB);
  const lessR2 = i16x8.q15mulr_sat_s(e2, toR);
  v128.store(block, i8x16.narrow_i16x8_u(lessRed(r1, lessR1), lessRed(r2, lessR2)));
  v128.store(block, i8x16.narrow_i16x8_u(lessGreen(g1, lessB1, lessR1), lessGreen(g2, lessB2, lessR2)), 16);
  v128.store(block, i8x16.narrow_i16x8_u(lessBlue(b1, lessB1), lessBlue(b2, lessB2)), 32);
}

// Cb and Cr of BT.709, times 32: -0.1146 R - 0.3854 G + 0.5 B and 0.5 R - 0.4542 G - 0.0458 B, each row adding up to 0.
// Weights in 7 bits, then two bits off: the largest, 64 * 255, fits.
// @ts-ignore: decorator
@inline
function chromaBlue(r: v128, g: v128, b: v128): v128 {
  return i16x8.shr_s(i16x8.sub(i16x8.mul(b, i16x8.splat(64)),
    i16x8.add(i16x8.mul(r, i16x8.splat(15)), i16x8.mul(g, i16x8.splat(49)))), 2);
}
// @ts-ignore: decorator
@inline
function chromaRed(r: v128, g: v128, b: v128): v128 {
  return i16x8.shr_s(i16x8.sub(i16x8.mul(r, i16x8.splat(64)),
    i16x8.add(i16x8.mul(g, i16x8.splat(58)), i16x8.mul(b, i16x8.splat(6)))), 2);
}

// @ts-ignore: decorator
@inline
function squaresLow(x: v128, y: v128): v128 {
  return i32x4.add(i32x4.extmul_low_i16x8_s(x, x), i32x4.extmul_low_i16x8_s(y, y));
}
// @ts-ignore: decorator
@inline
function squaresHigh(x: v128, y: v128): v128 {
  return i32x4.add(i32x4.extmul_high_i16x8_s(x, x), i32x4.extmul_high_i16x8_s(y, y));
}

/** How far a chroma goes the key's way, beyond how far it goes aside from it; 0 where it goes another way. */
// @ts-ignore: decorator
@inline
function excess(cb: v128, cr: v128, toB: v128, toR: v128, spill: v128): v128 {
  const along = i16x8.add(i16x8.q15mulr_sat_s(cb, toB), i16x8.q15mulr_sat_s(cr, toR));
  const aside = i16x8.abs(i16x8.sub(i16x8.q15mulr_sat_s(cb, toR), i16x8.q15mulr_sat_s(cr, toB)));
  return i16x8.q15mulr_sat_s(i16x8.max_s(i16x8.sub(along, aside), i16x8.splat(0)), spill);
}

// R = Y + 1.5748 Cr, G = Y - 0.1873 Cb - 0.4681 Cr, B = Y + 1.8556 Cb: what is taken, from 32nds of a level.
// @ts-ignore: decorator
@inline
function lessRed(r: v128, cr: v128): v128 {
  return i16x8.sub(r, rounded(i16x8.add(cr, i16x8.q15mulr_sat_s(cr, i16x8.splat(18_835)))));
}
// @ts-ignore: decorator
@inline
function lessGreen(g: v128, cb: v128, cr: v128): v128 {
  return i16x8.add(g, rounded(i16x8.add(i16x8.q15mulr_sat_s(cb, i16x8.splat(6_137)), i16x8.q15mulr_sat_s(cr, i16x8.splat(15_339)))));
}
// @ts-ignore: decorator
@inline
function lessBlue(b: v128, cb: v128): v128 {
  return i16x8.sub(b, rounded(i16x8.add(cb, i16x8.q15mulr_sat_s(cb, i16x8.splat(28_036)))));
}
// @ts-ignore: decorator
@inline
function rounded(x: v128): v128 {
  return i16x8.shr_s(i16x8.add(x, i16x8.splat(16)), 5);
}

/** At 4, 8: from and to in levels; at 12: 255 a level of smoothness, all f32. */
// @ts-ignore: decorator
@inline
function lumaKey(op: usize): void {
  const red = v128.load(block);
  const green = v128.load(block, 16);
  const blue = v128.load(block, 32);
  const y1 = luma16(i16x8.extend_low_i8x16_u(red), i16x8.extend_low_i8x16_u(green), i16x8.extend_low_i8x16_u(blue));
  const y2 = luma16(i16x8.extend_high_i8x16_u(red), i16x8.extend_high_i8x16_u(green), i16x8.extend_high_i8x16_u(blue));
  const from = f32x4.splat(load<f32>(op, 4));
  const to = f32x4.splat(load<f32>(op, 8));
  const by = f32x4.splat(load<f32>(op, 12));
  const w1 = i16x8.narrow_i32x4_s(within(i32x4.extend_low_i16x8_u(y1), from, to, by), within(i32x4.extend_high_i16x8_u(y1), from, to, by));
  const w2 = i16x8.narrow_i32x4_s(within(i32x4.extend_low_i16x8_u(y2), from, to, by), within(i32x4.extend_high_i16x8_u(y2), from, to, by));
  weighAlpha(i8x16.narrow_i16x8_u(w1, w2));
}

/** Luma of BT.709 in 128ths of a level (0.2126, 0.7152, 0.0722 in 128ths add up to 128). */
// @ts-ignore: decorator
@inline
function luma16(r: v128, g: v128, b: v128): v128 {
  return i16x8.add(i16x8.add(i16x8.mul(r, i16x8.splat(27)), i16x8.mul(g, i16x8.splat(92))), i16x8.mul(b, i16x8.splat(9)));
}

// @ts-ignore: decorator
@inline
function within(luma128: v128, from: v128, to: v128, by: v128): v128 {
  const y = f32x4.mul(f32x4.convert_i32x4_s(luma128), f32x4.splat(1.0 / 128.0));
  const full = f32x4.splat(255);
  const low = f32x4.add(f32x4.mul(f32x4.sub(y, from), by), full);
  const high = f32x4.add(f32x4.mul(f32x4.sub(to, y), by), full);
  return i32x4.trunc_sat_f32x4_s(f32x4.add(f32x4.min(f32x4.min(low, high), full), f32x4.splat(0.5)));
}

/** At 4, 5, 6: the key; at 8, 12: similarity in levels of √(r² + g² + b²) and 255 a level of smoothness, f32. */
// @ts-ignore: decorator
@inline
function colourKey(op: usize): void {
  const red = i16x8.splat(load<u8>(op, 4));
  const green = i16x8.splat(load<u8>(op, 5));
  const blue = i16x8.splat(load<u8>(op, 6));
  const r = v128.load(block);
  const g = v128.load(block, 16);
  const b = v128.load(block, 32);
  const r1 = i16x8.sub(i16x8.extend_low_i8x16_u(r), red);
  const g1 = i16x8.sub(i16x8.extend_low_i8x16_u(g), green);
  const b1 = i16x8.sub(i16x8.extend_low_i8x16_u(b), blue);
  const r2 = i16x8.sub(i16x8.extend_high_i8x16_u(r), red);
  const g2 = i16x8.sub(i16x8.extend_high_i8x16_u(g), green);
  const b2 = i16x8.sub(i16x8.extend_high_i8x16_u(b), blue);
  weighAlpha(rampOf(
    i32x4.add(squaresLow(r1, g1), i32x4.extmul_low_i16x8_s(b1, b1)), i32x4.add(squaresHigh(r1, g1), i32x4.extmul_high_i16x8_s(b1, b1)),
    i32x4.add(squaresLow(r2, g2), i32x4.extmul_low_i16x8_s(b2, b2)), i32x4.add(squaresHigh(r2, g2), i32x4.extmul_high_i16x8_s(b2, b2)),
    f32x4.splat(load<f32>(op, 8)), f32x4.splat(load<f32>(op, 12))));
}

/** At 4: the address of a plane of weights, as large as the picture. */
// @ts-ignore: decorator
@inline
function mask(op: usize, at: i32): void {
  weighAlpha(v128.load(load<u32>(op, 4) + <usize>at));
}
