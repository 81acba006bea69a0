/** Decoder configuration records: what a player needs before the first access unit. */
import { BitReader } from './bit-reader.ts';
import { concat } from './bytes.ts';
import { NAL, nalType, parseSps } from './h264.ts';
import { splitAnnexB } from './nal.ts';
import { WireError } from './wire-error.ts';

export { annexBToAvcc, avccToAnnexB, parseSps, type Sps } from './h264.ts';
export { joinAnnexB, joinAvcc, splitAnnexB, splitAvcc } from './nal.ts';

/** AVCDecoderConfigurationRecord. @see ISO/IEC 14496-15, 5.3.3.1 */
export interface AvcConfig {
  profile: number;
  constraints: number;
  level: number;
  /** bytes of a NAL unit's length: 1, 2 or 4 */
  lengthBytes: number;
  sps: Uint8Array[];
  pps: Uint8Array[];
}

const SPS_MAX = 31; // a 5-bit count
const PPS_MAX = 255; // an 8-bit count
const PROFILES_WITHOUT_CHROMA = new Set([66, 77, 88]);

/**
 * Builds the record for parameter sets (with their NAL header bytes), with 4-byte lengths.
 * The high profiles' extension is written from what the first SPS says.
 */
export function buildAvcConfig(sps: readonly Uint8Array[], pps: readonly Uint8Array[]): Uint8Array {
  const first = sps[0];
  if (!first || first.length < 4 || pps.length === 0) throw new WireError('an AVC configuration needs an SPS and a PPS');
  if (sps.length > SPS_MAX || pps.length > PPS_MAX) throw new WireError('an AVC configuration has too many parameter sets');
  const head = [1, first[1] as number, first[2] as number, first[3] as number, 0xfc | 3, 0xe0 | sps.length];
  const parts = [Uint8Array.from(head), ...sps.map(withLength), Uint8Array.of(pps.length), ...pps.map(withLength)];
  if (!PROFILES_WITHOUT_CHROMA.has(first[1] as number)) {
    const { chromaFormat, bitDepthLuma, bitDepthChroma } = parseSps(first);
    parts.push(Uint8Array.of(0xfc | chromaFormat, 0xf8 | (bitDepthLuma - 8), 0xf8 | (bitDepthChroma - 8), 0));
  }
  return concat(parts);
}

/** The record for an encoder's Annex B extradata, or for an access unit that carries its parameter sets. */
export function avcConfigFromAnnexB(extradata: Uint8Array): Uint8Array {
  const units = splitAnnexB(extradata);
  return buildAvcConfig(
    units.filter((unit) => nalType(unit) === NAL.sps),
    units.filter((unit) => nalType(unit) === NAL.pps),
  );
}

export function parseAvcConfig(record: Uint8Array): AvcConfig {
  if (record.length < 7 || record[0] !== 1) throw new WireError('not an AVC configuration record');
  const lengthBytes = ((record[4] as number) & 3) + 1;
  if (lengthBytes === 3) throw new WireError('an AVC configuration record has 3-byte lengths');
  let at = 5;
  const sets = (mask: number) => {
    const count = (record[at] ?? 0) & mask;
    if (at >= record.length) throw new WireError('an AVC configuration record is cut off');
    at += 1;
    return Array.from({ length: count }, () => {
      const length = ((record[at] ?? 0) << 8) | (record[at + 1] ?? 0);
      const unit = record.subarray(at + 2, at + 2 + length);
      if (length === 0 || unit.length !== length) throw new WireError('a parameter set is empty or cut off');
      at += 2 + length;
      return unit;
    });
  };
  const sps = sets(0x1f);
  const pps = sets(0xff);
  return { profile: record[1] as number, constraints: record[2] as number, level: record[3] as number, lengthBytes, sps, pps };
}

/** The picture size that an AVC configuration record announces. */
export function avcConfigSize(record: Uint8Array): { widthPx: number; heightPx: number } {
  const [sps] = parseAvcConfig(record).sps;
  if (!sps) throw new WireError('an AVC configuration record has no SPS');
  const { widthPx, heightPx } = parseSps(sps);
  return { widthPx, heightPx };
}

/** AudioSpecificConfig, as far as AAC streams need it. @see ISO/IEC 14496-3, 1.6.2.1 */
export interface AacConfig {
  /** 2 is AAC-LC; 5 and 29 are HE-AAC */
  objectType: number;
  sampleRateHz: number;
  channels: number;
}

const SAMPLE_RATES_HZ = [96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350];
const EXPLICIT_RATE = 15;
const CHANNEL_COUNTS = [0, 1, 2, 3, 4, 5, 6, 8]; // table 1.19

export function buildAacConfig({ objectType, sampleRateHz, channels }: AacConfig): Uint8Array {
  const channelConfig = CHANNEL_COUNTS.indexOf(channels);
  const rateIndex = SAMPLE_RATES_HZ.indexOf(sampleRateHz);
  if (objectType < 1 || objectType > 30 || channelConfig < 1) throw new WireError('this AAC configuration cannot be written');
  if (rateIndex >= 0) return Uint8Array.of((objectType << 3) | (rateIndex >> 1), ((rateIndex & 1) << 7) | (channelConfig << 3));
  // a 24-bit rate follows index 15: 5 + 4 + 24 + 4 bits, and 3 of GASpecificConfig
  const rate = sampleRateHz;
  return Uint8Array.of(
    (objectType << 3) | 7,
    0x80 | (rate >> 17),
    (rate >> 9) & 0xff,
    (rate >> 1) & 0xff,
    ((rate & 1) << 7) | (channelConfig << 3),
  );
}

export function parseAacConfig(bytes: Uint8Array): AacConfig {
  const bits = new BitReader(bytes);
  const short = bits.u(5);
  const objectType = short === 31 ? 32 + bits.u(6) : short;
  const rateIndex = bits.u(4);
  const sampleRateHz = rateIndex === EXPLICIT_RATE ? bits.u(24) : SAMPLE_RATES_HZ[rateIndex];
  const channels = CHANNEL_COUNTS[bits.u(4)];
  if (!sampleRateHz || channels === undefined || objectType === 0) throw new WireError('an AAC configuration has a reserved value');
  return { objectType, sampleRateHz, channels };
}

function withLength(unit: Uint8Array): Uint8Array {
  if (unit.length > 0xffff) throw new WireError('a parameter set is too long');
  const out = new Uint8Array(2 + unit.length);
  out[0] = unit.length >> 8;
  out[1] = unit.length & 0xff;
  out.set(unit, 2);
  return out;
}
