/** NAL units of H.264, and what a sequence parameter set says. */
import { BitReader } from './bit-reader.ts';
import { joinAnnexB, joinAvcc, LENGTH_BYTES, splitAnnexB, splitAvcc, withoutEmulation } from './nal.ts';
import { WireError } from './wire-error.ts';

/** nal_unit_type, ITU-T H.264 table 7-1. */
export const NAL = { slice: 1, idr: 5, sei: 6, sps: 7, pps: 8, aud: 9, endOfSequence: 10, endOfStream: 11, filler: 12 } as const;

export function nalType(unit: Uint8Array): number {
  return (unit[0] ?? 0) & 0x1f;
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
