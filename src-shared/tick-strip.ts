/**
 * A machine-readable number in the picture's top row, to count what a viewer really received and how old it is: the tick
 * index for tests, or the time code, the low 32 bits of Unix time in milliseconds when the picture was composed.
 * 40 square blocks from the left: sync 1010, the number in 32 bits, a CRC of 4 bits; each most significant bit first;
 * luma 235 is 1 and 16 is 0. A block is 16 px, or a 40th of the width of pictures narrower than 640 px.
 */

export const TICK_STRIP_BLOCKS = 40;
const BLOCK_PX_MAX = 16;
const SYNC = [true, false, true, false];
const WHITE = 235;
const BLACK = 16;
const THRESHOLD = (WHITE + BLACK) / 2;

/** @param widthPx width of the picture the strip is or was drawn into; at least 160, so that a block survives encoding */
export function tickStripBlockPx(widthPx: number): number {
  return Math.min(BLOCK_PX_MAX, Math.floor(widthPx / TICK_STRIP_BLOCKS));
}

/** The blocks from left to right. @param tick 0 to 2^32 - 1 */
export function tickStripBits(tick: number): boolean[] {
  return [...SYNC, ...bits(tick, 32), ...bits(crc4(tick), 4)];
}

/** Draws the strip into a luma plane, or into any plane of one byte a pixel. Chroma of the strip should be 128. */
export function drawTickStrip(luma: Uint8Array, strideBytes: number, widthPx: number, tick: number): void {
  const blockPx = tickStripBlockPx(widthPx);
  if (blockPx < 1) throw new RangeError(`A tick strip does not fit into ${widthPx} px`);
  tickStripBits(tick).forEach((bit, block) => luma.fill(bit ? WHITE : BLACK, block * blockPx, (block + 1) * blockPx));
  for (let row = 1; row < blockPx; row++) luma.copyWithin(row * strideBytes, 0, TICK_STRIP_BLOCKS * blockPx);
}

/**
 * Reads the strip back from a decoded luma plane.
 * @param scale this picture's size against the one drawn into, 0.5 when 1280 became 640
 * @returns null where there is no strip, or where its CRC does not fit
 */
export function readTickStrip(luma: Uint8Array, strideBytes: number, widthPx: number, scale = 1): number | null {
  const blockPx = tickStripBlockPx(Math.round(widthPx / scale)) * scale;
  const read = (block: number) => meanOfCentre(luma, strideBytes, block * blockPx, blockPx) > THRESHOLD;
  if (SYNC.some((bit, block) => read(block) !== bit)) return null;
  const number = (from: number, count: number) => {
    let value = 0;
    for (let block = from; block < from + count; block++) value = value * 2 + Number(read(block));
    return value;
  };
  const tick = number(SYNC.length, 32);
  return number(SYNC.length + 32, 4) === crc4(tick) ? tick : null;
}

const CODES = 2 ** 32;
/** A code this far from now is no time: a tick, or another clock. */
const AGE_MAX_MS = 120_000;
/** clocks that differ by this much are still taken for the same */
const EARLY_MAX_MS = 500;

/** What a strip holds as a time code. @param unixMs since 1970 */
export function timeCodeOf(unixMs: number): number {
  return Math.floor(unixMs) % CODES;
}

/** How old a picture is. @param code from its strip. @returns null when that is not near `unixMs` */
export function timeCodeAgeMs(code: number, unixMs: number): number | null {
  const wrapped = (((unixMs - code) % CODES) + CODES) % CODES;
  const ageMs = wrapped > CODES / 2 ? wrapped - CODES : wrapped;
  return ageMs < AGE_MAX_MS && ageMs > -EARLY_MAX_MS ? ageMs : null;
}

/** The middle half of a block: its edges carry ringing and what scaling mixed in. */
function meanOfCentre(luma: Uint8Array, strideBytes: number, leftPx: number, blockPx: number): number {
  const from = Math.round(blockPx / 4);
  const to = Math.max(from + 1, Math.round((blockPx * 3) / 4));
  const left = Math.round(leftPx);
  let sum = 0;
  for (let y = from; y < to; y++) for (let x = left + from; x < left + to; x++) sum += luma[y * strideBytes + x] ?? 0;
  return sum / (to - from) ** 2;
}

function bits(value: number, count: number): boolean[] {
  return Array.from({ length: count }, (_, index) => Boolean((value >>> (count - 1 - index)) & 1));
}

/** CRC-4/ITU's polynomial x^4 + x + 1 (ITU-T G.704, 2.3.3.5) over the 32 bits, most significant first, from 0. */
function crc4(tick: number): number {
  let crc = 0;
  for (let bit = 31; bit >= 0; bit--) {
    const out = (crc >>> 3) ^ ((tick >>> bit) & 1);
    crc = ((crc << 1) & 0xf) ^ (out ? 0x3 : 0);
  }
  return crc;
}
