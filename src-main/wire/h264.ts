/** NAL units of H.264: Annex B byte streams, length-prefixed access units, and what a sequence parameter set says. */
import { BitReader } from './bit-reader.ts';
import { WireError } from './wire-error.ts';

/** nal_unit_type, ITU-T H.264 table 7-1. */
export const NAL = { slice: 1, idr: 5, sei: 6, sps: 7, pps: 8, aud: 9, endOfSequence: 10, endOfStream: 11, filler: 12 } as const;

/** NAL units of one access unit; a picture has one a slice, so more means broken input. */
export const NAL_UNITS_MAX = 4_096;
const LENGTH_BYTES = 4;

export function nalType(unit: Uint8Array): number {
  return (unit[0] ?? 0) & 0x1f;
}

/**
 * Splits a byte stream at its start codes.
 * @returns views into `bytes`, without start codes and trailing zeros; empty units are left out
 * @see ITU-T H.264, B.1.1
 */
export function splitAnnexB(bytes: Uint8Array): Uint8Array[] {
  const units: Uint8Array[] = [];
  let start = -1;
  const close = (end: number) => {
    if (start < 0) return;
    let last = end;
    while (last > start && bytes[last - 1] === 0) last -= 1;
    if (last === start) return;
    if (units.length >= NAL_UNITS_MAX) throw new WireError(`an access unit has more than ${NAL_UNITS_MAX} NAL units`);
    units.push(bytes.subarray(start, last));
  };
  for (let i = 0; i + 2 < bytes.length; ) {
    const third = bytes[i + 2] as number;
    if (third > 1) i += 3;
    else if (third === 1 && bytes[i] === 0 && bytes[i + 1] === 0) {
      close(i);
      start = i + 3;
      i += 3;
    } else i += 1;
  }
  close(bytes.length);
  return units;
}

/** Splits an access unit of NAL units that each follow their length. @returns views into `bytes` */
export function splitAvcc(bytes: Uint8Array, lengthBytes = LENGTH_BYTES): Uint8Array[] {
  const units: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    if (at + lengthBytes > bytes.length) throw new WireError('a NAL unit length is cut off');
    let length = 0;
    for (let i = 0; i < lengthBytes; i += 1) length = length * 256 + (bytes[at + i] as number);
    at += lengthBytes;
    if (at + length > bytes.length) throw new WireError('a NAL unit is longer than its access unit');
    if (units.length >= NAL_UNITS_MAX) throw new WireError(`an access unit has more than ${NAL_UNITS_MAX} NAL units`);
    if (length > 0) units.push(bytes.subarray(at, at + length));
    at += length;
  }
  return units;
}

/** Puts a 4-byte length before each unit. @see ISO/IEC 14496-15, 5.3.4.2 */
export function joinAvcc(units: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(units.reduce((sum, unit) => sum + LENGTH_BYTES + unit.length, 0));
  const view = new DataView(out.buffer);
  let at = 0;
  for (const unit of units) {
    view.setUint32(at, unit.length);
    out.set(unit, at + LENGTH_BYTES);
    at += LENGTH_BYTES + unit.length;
  }
  return out;
}

/** Puts a 4-byte start code before each unit. */
export function joinAnnexB(units: readonly Uint8Array[]): Uint8Array {
  const out = joinAvcc(units);
  const view = new DataView(out.buffer);
  let at = 0;
  for (const unit of units) {
    view.setUint32(at, 1);
    at += LENGTH_BYTES + unit.length;
  }
  return out;
}

/**
 * Converts an access unit from Annex B to 4-byte lengths.
 * @param options.keepParameterSets keeps SPS, PPS and access unit delimiters, which otherwise are dropped: the avcC record has them
 */
export function annexBToAvcc(bytes: Uint8Array, options: { keepParameterSets?: boolean } = {}): Uint8Array {
  const units = splitAnnexB(bytes);
  return joinAvcc(options.keepParameterSets ? units : units.filter((unit) => !isParameterSet(unit)));
}

export function avccToAnnexB(bytes: Uint8Array, lengthBytes = LENGTH_BYTES): Uint8Array {
  return joinAnnexB(splitAvcc(bytes, lengthBytes));
}

function isParameterSet(unit: Uint8Array): boolean {
  const type = nalType(unit);
  return type === NAL.sps || type === NAL.pps || type === NAL.aud;
}

export interface Sps {
  profile: number;
  constraints: number;
  level: number;
  chromaFormat: number;
  bitDepthLuma: number;
  bitDepthChroma: number;
  widthPx: number;
  heightPx: number;
}

const HIGH_PROFILES = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135]);
const SIZE_MAX_PX = 16_384;

/** Reads a sequence parameter set, with its NAL header byte. @see ITU-T H.264, 7.3.2.1.1 */
export function parseSps(unit: Uint8Array): Sps {
  if (nalType(unit) !== NAL.sps) throw new WireError('not a sequence parameter set');
  const bits = new BitReader(withoutEmulation(unit.subarray(1)));
  const profile = bits.u(8);
  const constraints = bits.u(8);
  const level = bits.u(8);
  bits.ue(); // seq_parameter_set_id
  const chroma = HIGH_PROFILES.has(profile) ? readChroma(bits) : { chromaFormat: 1, bitDepthLuma: 8, bitDepthChroma: 8, separate: false };
  bits.ue(); // log2_max_frame_num_minus4
  skipPictureOrder(bits);
  bits.ue(); // max_num_ref_frames
  bits.u(1); // gaps_in_frame_num_value_allowed_flag
  const widthMbs = bits.ue() + 1;
  const mapUnits = bits.ue() + 1;
  const frameMbsOnly = bits.u(1);
  if (!frameMbsOnly) bits.u(1); // mb_adaptive_frame_field_flag
  bits.u(1); // direct_8x8_inference_flag
  const crop = bits.u(1)
    ? { left: bits.ue(), right: bits.ue(), top: bits.ue(), bottom: bits.ue() }
    : { left: 0, right: 0, top: 0, bottom: 0 };
  const plain = chroma.chromaFormat === 0 || chroma.separate;
  const unitX = plain || chroma.chromaFormat === 3 ? 1 : 2; // table 6-1
  const unitY = (plain || chroma.chromaFormat !== 1 ? 1 : 2) * (2 - frameMbsOnly);
  const widthPx = widthMbs * 16 - unitX * (crop.left + crop.right);
  const heightPx = mapUnits * 16 * (2 - frameMbsOnly) - unitY * (crop.top + crop.bottom);
  if (widthPx < 1 || heightPx < 1 || widthPx > SIZE_MAX_PX || heightPx > SIZE_MAX_PX)
    throw new WireError('a sequence parameter set has an impossible size');
  const { chromaFormat, bitDepthLuma, bitDepthChroma } = chroma;
  return { profile, constraints, level, chromaFormat, bitDepthLuma, bitDepthChroma, widthPx, heightPx };
}

function readChroma(bits: BitReader) {
  const chromaFormat = bits.ue();
  if (chromaFormat > 3) throw new WireError('a sequence parameter set has an unknown chroma format');
  const separate = chromaFormat === 3 && bits.u(1) === 1;
  const bitDepthLuma = bits.ue() + 8;
  const bitDepthChroma = bits.ue() + 8;
  bits.u(1); // qpprime_y_zero_transform_bypass_flag
  const lists = bits.u(1) === 0 ? 0 : chromaFormat === 3 ? 12 : 8;
  for (let i = 0; i < lists; i += 1) if (bits.u(1)) skipScalingList(bits, i < 6 ? 16 : 64);
  return { chromaFormat, bitDepthLuma, bitDepthChroma, separate };
}

/** @see ITU-T H.264, 7.3.2.1.1.1 */
function skipScalingList(bits: BitReader, size: number): void {
  let last = 8;
  let following = 8;
  for (let i = 0; i < size; i += 1) {
    if (following !== 0) following = (last + bits.se() + 256) & 0xff;
    if (following !== 0) last = following;
  }
}

function skipPictureOrder(bits: BitReader): void {
  const type = bits.ue();
  if (type === 0) bits.ue(); // log2_max_pic_order_cnt_lsb_minus4
  if (type !== 1) return;
  bits.u(1); // delta_pic_order_always_zero_flag
  bits.se(); // offset_for_non_ref_pic
  bits.se(); // offset_for_top_to_bottom_field
  const cycle = bits.ue();
  if (cycle > 255) throw new WireError('a sequence parameter set has an impossible picture order cycle');
  for (let i = 0; i < cycle; i += 1) bits.se();
}

/** Removes emulation prevention bytes. @see ITU-T H.264, 7.4.1 */
function withoutEmulation(bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(bytes.length);
  let length = 0;
  let zeros = 0;
  for (const byte of bytes) {
    if (zeros >= 2 && byte === 3) {
      zeros = 0;
      continue;
    }
    zeros = byte === 0 ? zeros + 1 : 0;
    out[length++] = byte;
  }
  return out.subarray(0, length);
}
