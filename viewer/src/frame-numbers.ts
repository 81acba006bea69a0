/**
 * Whether a picture is missing that others refer to: H.264 numbers them. A browser's decoder conceals what it lacks, and
 * tells nobody.
 * @see ITU-T H.264, 7.3.2.1.1 (sequence parameter set), 7.3.3 and 7.4.3 (frame_num); ISO/IEC 14496-15, 5.3.3.1 (avcC)
 */

interface Numbering {
  lengthBytes: number;
  /** of frame_num */
  bits: number;
  /** a colour_plane_id comes before it */
  separatePlanes: boolean;
}

const NAL = { slice: 1, idr: 5, sps: 7 } as const;
const HIGH_PROFILES = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135]);
/** a slice header's first fields are no longer */
const HEADER_BYTES = 24;
const EXP_GOLOMB_MAX_BITS = 32;

export class FrameNumbers {
  readonly #numbering: Numbering | null;
  /** PrevRefFrameNum; null: nothing is known before an IDR */
  #before: number | null = null;

  /** @param avcC the decoder configuration record; one that cannot be read, or allows gaps, says nothing of what is missing */
  constructor(avcC: Uint8Array) {
    this.#numbering = tryRead(() => readNumbering(avcC));
  }

  /** @param sample the next picture in decoding order, with lengths. @returns whether a picture before it is missing */
  isBehindLoss(sample: Uint8Array): boolean {
    const numbering = this.#numbering;
    const slice = numbering && firstSlice(sample, numbering.lengthBytes);
    if (!numbering || !slice) return false;
    const [type, isReference] = [(slice[0] ?? 0) & 0x1f, ((slice[0] ?? 0) & 0x60) !== 0];
    const number = type === NAL.idr ? 0 : tryRead(() => readFrameNumber(slice, numbering));
    if (number === null) return false;
    const before = this.#before;
    const follows = type === NAL.idr || before === null || number === before || number === (before + 1) % 2 ** numbering.bits;
    if (type === NAL.idr || (before !== null && isReference)) this.#before = number;
    return !follows;
  }
}

function readNumbering(avcC: Uint8Array): Numbering | null {
  const lengthBytes = ((avcC[4] ?? 0) & 3) + 1;
  const spsBytes = ((avcC[6] ?? 0) << 8) | (avcC[7] ?? 0);
  const sps = avcC.subarray(8, 8 + spsBytes);
  if (((avcC[5] ?? 0) & 0x1f) === 0 || ((sps[0] ?? 0) & 0x1f) !== NAL.sps) return null;
  const bits = new Bits(sps.subarray(1));
  const profile = bits.u(8);
  bits.u(16); // constraints, level
  bits.ue(); // seq_parameter_set_id
  let separatePlanes = false;
  if (HIGH_PROFILES.has(profile)) {
    if (bits.ue() === 3) separatePlanes = bits.u(1) === 1;
    bits.ue(); // bit depths
    bits.ue();
    bits.u(1); // qpprime_y_zero_transform_bypass_flag
    if (bits.u(1) === 1) return null; // scaling matrices: nobody's live encoder sends them
  }
  const frameNumBits = bits.ue() + 4;
  const orderType = bits.ue();
  if (orderType === 0) bits.ue();
  if (orderType === 1) {
    bits.u(1);
    bits.ue(); // signed ones are as long
    bits.ue();
    for (let left = bits.ue(); left > 0; left -= 1) bits.ue();
  }
  bits.ue(); // max_num_ref_frames
  const gapsAllowed = bits.u(1) === 1;
  return gapsAllowed ? null : { lengthBytes, bits: frameNumBits, separatePlanes };
}

function readFrameNumber(slice: Uint8Array, { bits: length, separatePlanes }: Numbering): number {
  const bits = new Bits(slice.subarray(1, HEADER_BYTES));
  bits.ue(); // first_mb_in_slice
  bits.ue(); // slice_type
  bits.ue(); // pic_parameter_set_id
  if (separatePlanes) bits.u(2);
  return bits.u(length);
}

function firstSlice(sample: Uint8Array, lengthBytes: number): Uint8Array | null {
  for (let at = 0; at + lengthBytes < sample.length; ) {
    let bytes = 0;
    for (let i = 0; i < lengthBytes; i += 1) bytes = bytes * 256 + (sample[at + i] as number);
    const unit = sample.subarray(at + lengthBytes, at + lengthBytes + bytes);
    const type = (unit[0] ?? 0) & 0x1f;
    if (type === NAL.slice || type === NAL.idr) return unit;
    at += lengthBytes + bytes;
  }
  return null;
}

function tryRead<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof RangeError) return null; // it ends too early
    throw error;
  }
}

/** Of a NAL unit's payload, without the bytes that keep start codes out of it (7.4.1). */
class Bits {
  readonly #bytes: number[] = [];
  #at = 0;

  constructor(payload: Uint8Array) {
    let zeros = 0;
    for (const byte of payload) {
      if (zeros < 2 || byte !== 3) this.#bytes.push(byte);
      zeros = byte === 0 ? zeros + 1 : 0;
    }
  }

  u(count: number): number {
    let value = 0;
    for (let i = 0; i < count; i += 1, this.#at += 1) {
      const byte = this.#bytes[this.#at >> 3];
      if (byte === undefined) throw new RangeError('no more bits');
      value = value * 2 + ((byte >> (7 - (this.#at & 7))) & 1);
    }
    return value;
  }

  ue(): number {
    let zeros = 0;
    while (this.u(1) === 0) if ((zeros += 1) > EXP_GOLOMB_MAX_BITS) throw new RangeError('no Exp-Golomb code');
    return 2 ** zeros - 1 + this.u(zeros);
  }
}
