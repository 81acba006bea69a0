/** NAL units of HEVC, and what a sequence parameter set says. */
import { BitReader } from './bit-reader.ts';
import type { ColourCodePoints } from './colour.ts';
import { joinAvcc, splitAnnexB, withoutEmulation } from './nal.ts';
import { WireError } from './wire-error.ts';

/** nal_unit_type, ITU-T H.265 table 7-1. */
export const HEVC_NAL = { idrWithRadl: 19, idr: 20, cra: 21, vps: 32, sps: 33, pps: 34, aud: 35, filler: 38, seiPrefix: 39 } as const;

export function hevcNalType(unit: Uint8Array): number {
  return ((unit[0] ?? 0) >> 1) & 0x3f;
}

/**
 * An access unit from Annex B as samples have it: NAL units with 4-byte lengths, without parameter sets, delimiters and
 * filler, since `hvc1` keeps the sets in its configuration record.
 * @see ISO/IEC 14496-15, 8.3.2
 */
export function hevcSample(annexB: Uint8Array): Uint8Array {
  return joinAvcc(splitAnnexB(annexB).filter((unit) => !isOutside(hevcNalType(unit))));
}

const isOutside = (type: number) => (type >= HEVC_NAL.vps && type <= HEVC_NAL.aud) || type === HEVC_NAL.filler;

/** @see ITU-T H.265, 7.3.3 */
export interface ProfileTierLevel {
  profileSpace: number;
  highTier: boolean;
  /** 1 is Main, 2 Main 10 */
  profile: number;
  /** bit 31 is general_profile_compatibility_flag[0] */
  compatibility: number;
  /** the 48 bits from progressive_source_flag on */
  constraints: Uint8Array;
  /** 30 times the level's number: 93 is level 3.1 */
  level: number;
}

export interface HevcSps {
  general: ProfileTierLevel;
  temporalLayers: number;
  temporalIdNested: boolean;
  chromaFormat: number;
  bitDepthLuma: number;
  bitDepthChroma: number;
  widthPx: number;
  heightPx: number;
  /** null when the stream does not say */
  colour: ColourCodePoints | null;
}

const SIZE_MAX_PX = 16_384;
/** 7.4.3.2.1: bounds of what is read in loops */
const SHORT_TERM_SETS_MAX = 64;
const PICTURES_MAX = 16;
const LONG_TERM_MAX = 32;

/** Reads a sequence parameter set, with its two NAL header bytes. @see ITU-T H.265, 7.3.2.2.1 */
export function parseHevcSps(unit: Uint8Array): HevcSps {
  if (hevcNalType(unit) !== HEVC_NAL.sps) throw new WireError('not a sequence parameter set of HEVC');
  const bits = new BitReader(withoutEmulation(unit.subarray(2)));
  bits.u(4); // sps_video_parameter_set_id
  const subLayers = bits.u(3);
  if (subLayers > 6) throw new WireError('a sequence parameter set has too many layers');
  const temporalIdNested = bits.u(1) === 1;
  const general = readProfileTierLevel(bits, subLayers);
  bits.ue(); // sps_seq_parameter_set_id
  const chromaFormat = bits.ue();
  if (chromaFormat > 3) throw new WireError('a sequence parameter set has an unknown chroma format');
  const separate = chromaFormat === 3 && bits.u(1) === 1;
  const size = readSize(bits, separate ? 0 : chromaFormat);
  const bitDepthLuma = bits.ue() + 8;
  const bitDepthChroma = bits.ue() + 8;
  if (bitDepthLuma > 16 || bitDepthChroma > 16) throw new WireError('a sequence parameter set has an impossible bit depth');
  const colour = readColour(bits, subLayers);
  return { general, temporalLayers: subLayers + 1, temporalIdNested, chromaFormat, bitDepthLuma, bitDepthChroma, ...size, colour };
}

function readProfileTierLevel(bits: BitReader, subLayers: number): ProfileTierLevel {
  const profileSpace = bits.u(2);
  const highTier = bits.u(1) === 1;
  const profile = bits.u(5);
  const compatibility = bits.u(32);
  const constraints = Uint8Array.from({ length: 6 }, () => bits.u(8));
  const level = bits.u(8);
  const present = Array.from({ length: subLayers }, () => ({ profile: bits.u(1), level: bits.u(1) }));
  if (subLayers > 0) bits.u(2 * (8 - subLayers)); // reserved_zero_2bits
  for (const layer of present) {
    if (layer.profile) for (let i = 0; i < 11; i += 1) bits.u(8);
    if (layer.level) bits.u(8);
  }
  return { profileSpace, highTier, profile, compatibility, constraints, level };
}

function readSize(bits: BitReader, chromaArrayType: number): { widthPx: number; heightPx: number } {
  const [width, height] = [bits.ue(), bits.ue()];
  const crop = bits.u(1) ? [bits.ue(), bits.ue(), bits.ue(), bits.ue()] : [0, 0, 0, 0];
  const [left = 0, right = 0, top = 0, bottom = 0] = crop;
  const unitX = chromaArrayType === 1 || chromaArrayType === 2 ? 2 : 1; // table 6-1
  const unitY = chromaArrayType === 1 ? 2 : 1;
  const widthPx = width - unitX * (left + right);
  const heightPx = height - unitY * (top + bottom);
  if (widthPx < 1 || heightPx < 1 || widthPx > SIZE_MAX_PX || heightPx > SIZE_MAX_PX)
    throw new WireError('a sequence parameter set has an impossible size');
  return { widthPx, heightPx };
}

/** Everything between the bit depth and the VUI's colour description is only read over. */
function readColour(bits: BitReader, subLayers: number): ColourCodePoints | null {
  const pocBits = bits.ue() + 4;
  if (pocBits > 16) throw new WireError('a sequence parameter set has an impossible picture order count');
  for (let i = bits.u(1) ? 0 : subLayers; i <= subLayers; i += 1) skipUe(bits, 3);
  skipUe(bits, 6); // block sizes and depths
  if (bits.u(1) && bits.u(1)) skipScalingLists(bits);
  bits.u(2); // amp_enabled_flag, sample_adaptive_offset_enabled_flag
  if (bits.u(1)) {
    bits.u(8); // pcm bit depths
    skipUe(bits, 2);
    bits.u(1);
  }
  skipShortTermSets(bits);
  if (bits.u(1)) {
    const longTerm = bits.ue();
    if (longTerm > LONG_TERM_MAX) throw new WireError('a sequence parameter set has too many long-term pictures');
    for (let i = 0; i < longTerm; i += 1) bits.u(pocBits + 1);
  }
  bits.u(2); // sps_temporal_mvp_enabled_flag, strong_intra_smoothing_enabled_flag
  if (!bits.u(1)) return null;
  if (bits.u(1) && bits.u(8) === 255) bits.u(32); // aspect ratio
  if (bits.u(1)) bits.u(1); // overscan
  if (!bits.u(1)) return null;
  bits.u(3); // video_format
  const fullRange = bits.u(1) === 1;
  if (!bits.u(1)) return null;
  return { primaries: bits.u(8), transfer: bits.u(8), matrix: bits.u(8), fullRange };
}

/** @see ITU-T H.265, 7.3.4 */
function skipScalingLists(bits: BitReader): void {
  for (let size = 0; size < 4; size += 1)
    for (let matrix = 0; matrix < 6; matrix += size === 3 ? 3 : 1) {
      if (!bits.u(1)) {
        bits.ue(); // copied from another
        continue;
      }
      if (size > 1) bits.se(); // scaling_list_dc_coef_minus8
      for (let i = 0; i < Math.min(64, 16 << (2 * size)); i += 1) bits.se();
    }
}

/** @see ITU-T H.265, 7.3.7 */
function skipShortTermSets(bits: BitReader): void {
  const sets = bits.ue();
  if (sets > SHORT_TERM_SETS_MAX) throw new WireError('a sequence parameter set has too many reference picture sets');
  let pictures = 0; // of the set before
  for (let set = 0; set < sets; set += 1) {
    if (set > 0 && bits.u(1)) {
      bits.u(1); // delta_rps_sign
      bits.ue(); // abs_delta_rps_minus1
      let kept = 0;
      for (let i = 0; i <= pictures; i += 1) if (bits.u(1) || bits.u(1)) kept += 1;
      pictures = kept;
      continue;
    }
    const [negative, positive] = [bits.ue(), bits.ue()];
    pictures = negative + positive;
    if (pictures > PICTURES_MAX) throw new WireError('a reference picture set has too many pictures');
    for (let i = 0; i < pictures; i += 1) {
      bits.ue();
      bits.u(1);
    }
  }
}

function skipUe(bits: BitReader, count: number): void {
  for (let i = 0; i < count; i += 1) bits.ue();
}
