/** AV1's sequence header, and the configuration record made from it. */
import { BitReader } from './bit-reader.ts';
import { concat } from './bytes.ts';
import type { ColourCodePoints } from './colour.ts';
import { joinObus, OBU, splitObus } from './obu.ts';
import { WireError } from './wire-error.ts';

export interface Av1Sequence {
  profile: number;
  /** seq_level_idx of the first operating point: 8 is level 4.0 */
  level: number;
  highTier: boolean;
  widthPx: number;
  heightPx: number;
  bitDepth: 8 | 10 | 12;
  monochrome: boolean;
  subsamplingX: boolean;
  subsamplingY: boolean;
  chromaSamplePosition: number;
  /** code points 2 mean that the stream does not say */
  colour: ColourCodePoints;
}

/** a code point that says nothing */
const UNSPECIFIED = 2;
const SRGB = { primaries: 1, transfer: 13, matrix: 0 };
/** seq_force_screen_content_tools: each frame says */
const EACH_FRAME = 2;

/** Reads the payload of a sequence header OBU. @see AV1 Bitstream & Decoding Process Specification, 5.5 */
export function parseAv1Sequence(payload: Uint8Array): Av1Sequence {
  const bits = new BitReader(payload);
  const profile = bits.u(3);
  if (profile > 2) throw new WireError('an AV1 sequence header has an unknown profile');
  bits.u(1); // still_picture
  const reduced = bits.u(1) === 1;
  const { level, highTier } = reduced ? { level: bits.u(5), highTier: false } : readOperatingPoints(bits);
  const [widthBits, heightBits] = [bits.u(4) + 1, bits.u(4) + 1];
  const [widthPx, heightPx] = [bits.u(widthBits) + 1, bits.u(heightBits) + 1];
  if (!reduced && bits.u(1)) bits.u(7); // frame id lengths
  bits.u(3); // use_128x128_superblock, enable_filter_intra, enable_intra_edge_filter
  if (!reduced) skipTools(bits);
  bits.u(3); // enable_superres, enable_cdef, enable_restoration
  return { profile, level, highTier, widthPx, heightPx, ...readColourConfig(bits, profile) };
}

function readOperatingPoints(bits: BitReader): { level: number; highTier: boolean } {
  let delayBits = 0; // of the decoder model; 0: there is none
  if (bits.u(1)) {
    bits.u(32); // num_units_in_display_tick
    bits.u(32); // time_scale
    if (bits.u(1)) skipUvlc(bits); // num_ticks_per_picture_minus_1
    if (bits.u(1)) {
      delayBits = bits.u(5) + 1;
      bits.u(32); // num_units_in_decoding_tick
      bits.u(10);
    }
  }
  const displayDelay = bits.u(1) === 1;
  const points = Array.from({ length: bits.u(5) + 1 }, () => {
    bits.u(12); // operating_point_idc
    const level = bits.u(5);
    const highTier = level > 7 && bits.u(1) === 1;
    if (delayBits > 0 && bits.u(1)) {
      bits.u(delayBits);
      bits.u(delayBits);
      bits.u(1); // low_delay_mode_flag
    }
    if (displayDelay && bits.u(1)) bits.u(4);
    return { level, highTier };
  });
  return points[0] as { level: number; highTier: boolean };
}

function skipTools(bits: BitReader): void {
  bits.u(4); // interintra and masked compounds, warped motion, dual filter
  const orderHint = bits.u(1) === 1;
  if (orderHint) bits.u(2); // enable_jnt_comp, enable_ref_frame_mvs
  const screenContent = bits.u(1) ? EACH_FRAME : bits.u(1);
  if (screenContent > 0 && bits.u(1) === 0) bits.u(1); // seq_force_integer_mv
  if (orderHint) bits.u(3); // order_hint_bits_minus_1
}

/** @see 5.5.2 */
function readColourConfig(bits: BitReader, profile: number) {
  const high = bits.u(1) === 1;
  const bitDepth = (profile === 2 && high && bits.u(1) === 1 ? 12 : high ? 10 : 8) as 8 | 10 | 12;
  const monochrome = profile !== 1 && bits.u(1) === 1;
  const said = bits.u(1) === 1;
  const [primaries, transfer, matrix] = said ? [bits.u(8), bits.u(8), bits.u(8)] : [UNSPECIFIED, UNSPECIFIED, UNSPECIFIED];
  const points = { primaries, transfer, matrix };
  const base = { bitDepth, monochrome };
  if (monochrome)
    return { ...base, subsamplingX: true, subsamplingY: true, chromaSamplePosition: 0, colour: { ...points, fullRange: bits.u(1) === 1 } };
  if (primaries === SRGB.primaries && transfer === SRGB.transfer && matrix === SRGB.matrix)
    return { ...base, subsamplingX: false, subsamplingY: false, chromaSamplePosition: 0, colour: { ...points, fullRange: true } };
  const colour = { ...points, fullRange: bits.u(1) === 1 };
  const free = profile === 2 && bitDepth === 12;
  const subsamplingX = free ? bits.u(1) === 1 : profile !== 1;
  const subsamplingY = free ? subsamplingX && bits.u(1) === 1 : profile === 0;
  const chromaSamplePosition = subsamplingX && subsamplingY ? bits.u(2) : 0;
  return { ...base, subsamplingX, subsamplingY, chromaSamplePosition, colour };
}

/** @see 4.10.3 */
function skipUvlc(bits: BitReader): void {
  let zeros = 0;
  while (bits.u(1) === 0) {
    zeros += 1;
    if (zeros >= 32) throw new WireError('an AV1 number is too long');
  }
  bits.u(zeros);
}

const RECORD_HEAD_BYTES = 4;
/** marker, and version 1 */
const MARKER_AND_VERSION = 0x81;

/**
 * AV1CodecConfigurationRecord for bytes that have a sequence header among their OBUs: an encoder's extradata, or its
 * first temporal unit.
 * @see AV1 in ISOBMFF, 2.3
 */
export function av1ConfigFromObus(bytes: Uint8Array): Uint8Array {
  const header = splitObus(bytes).find(({ type }) => type === OBU.sequenceHeader);
  if (!header) throw new WireError('an AV1 configuration needs a sequence header');
  const { profile, level, highTier, bitDepth, monochrome, subsamplingX, subsamplingY, chromaSamplePosition } = parseAv1Sequence(
    header.payload,
  );
  const flags = [highTier, bitDepth > 8, bitDepth === 12, monochrome, subsamplingX, subsamplingY];
  const third = flags.reduce((byte, flag) => (byte << 1) | (flag ? 1 : 0), 0) * 4 + chromaSamplePosition;
  const head = Uint8Array.of(MARKER_AND_VERSION, (profile << 5) | level, third, 0); // no initial_presentation_delay
  return concat([head, joinObus([header])]);
}

/** What the record's sequence header says. Its first bytes repeat a part of that, so they are not believed. */
export function parseAv1Config(record: Uint8Array): Av1Sequence {
  if (record.length < RECORD_HEAD_BYTES || record[0] !== MARKER_AND_VERSION) throw new WireError('not an AV1 configuration record');
  const header = splitObus(record.subarray(RECORD_HEAD_BYTES)).find(({ type }) => type === OBU.sequenceHeader);
  if (!header) throw new WireError('an AV1 configuration record has no sequence header');
  return parseAv1Sequence(header.payload);
}

/** The record's OBUs, which may go in front of an IDR. */
export function av1ConfigObus(record: Uint8Array): Uint8Array {
  return record.subarray(RECORD_HEAD_BYTES);
}
