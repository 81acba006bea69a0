/** HEVCDecoderConfigurationRecord. @see ISO/IEC 14496-15, 8.3.3.1 */
import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { HEVC_NAL, hevcNalType, type ProfileTierLevel, parseHevcSps } from './hevc.ts';
import { splitAnnexB } from './nal.ts';
import { WireError } from './wire-error.ts';

export interface HevcConfig {
  general: ProfileTierLevel;
  chromaFormat: number;
  bitDepthLuma: number;
  bitDepthChroma: number;
  temporalLayers: number;
  temporalIdNested: boolean;
  /** bytes of a NAL unit's length: 1, 2 or 4 */
  lengthBytes: number;
  vps: Uint8Array[];
  sps: Uint8Array[];
  pps: Uint8Array[];
}

/** array_completeness: all units of the type are here, none is in the samples, as `hvc1` demands */
const COMPLETE = 0x80;
const UNITS_MAX = 64;

/** Builds the record for parameter sets (with their NAL header bytes), with 4-byte lengths. */
export function buildHevcConfig(vps: readonly Uint8Array[], sps: readonly Uint8Array[], pps: readonly Uint8Array[]): Uint8Array {
  const first = sps[0];
  if (!first || vps.length === 0 || pps.length === 0) throw new WireError('an HEVC configuration needs a VPS, an SPS and a PPS');
  const { general, temporalLayers, temporalIdNested, chromaFormat, bitDepthLuma, bitDepthChroma } = parseHevcSps(first);
  const out = new ByteWriter()
    .u8(1) // configurationVersion
    .u8((general.profileSpace << 6) | (general.highTier ? 0x20 : 0) | general.profile)
    .u32(general.compatibility)
    .bytes(general.constraints)
    .u8(general.level)
    .u16(0xf000) // min_spatial_segmentation_idc: not stated
    .u8(0xfc) // parallelismType: not stated
    .u8(0xfc | chromaFormat)
    .u8(0xf8 | (bitDepthLuma - 8))
    .u8(0xf8 | (bitDepthChroma - 8))
    .u16(0) // avgFrameRate: not stated
    .u8((temporalLayers << 3) | (temporalIdNested ? 4 : 0) | 3)
    .u8(3);
  const arrays = [
    [HEVC_NAL.vps, vps],
    [HEVC_NAL.sps, sps],
    [HEVC_NAL.pps, pps],
  ] as const;
  for (const [type, units] of arrays) {
    if (units.length > UNITS_MAX) throw new WireError('an HEVC configuration has too many parameter sets');
    out.u8(COMPLETE | type).u16(units.length);
    for (const unit of units) {
      if (unit.length > 0xffff) throw new WireError('a parameter set is too long');
      out.u16(unit.length).bytes(unit);
    }
  }
  return out.finish();
}

/** The record for an encoder's Annex B extradata, or for an access unit that carries its parameter sets. */
export function hevcConfigFromAnnexB(extradata: Uint8Array): Uint8Array {
  const units = splitAnnexB(extradata);
  const of = (type: number) => units.filter((unit) => hevcNalType(unit) === type);
  return buildHevcConfig(of(HEVC_NAL.vps), of(HEVC_NAL.sps), of(HEVC_NAL.pps));
}

/** Units of other types, such as SEI, are left out. */
export function parseHevcConfig(record: Uint8Array): HevcConfig {
  const reader = new ByteReader(record);
  if (reader.u8() !== 1) throw new WireError('not an HEVC configuration record');
  const head = reader.u8();
  const compatibility = reader.u32();
  const constraints = reader.bytes(6);
  const general = {
    profileSpace: head >> 6,
    highTier: (head & 0x20) !== 0,
    profile: head & 0x1f,
    compatibility,
    constraints,
    level: reader.u8(),
  };
  reader.bytes(3); // segmentation and parallelism
  const chromaFormat = reader.u8() & 3;
  const bitDepthLuma = (reader.u8() & 7) + 8;
  const bitDepthChroma = (reader.u8() & 7) + 8;
  reader.u16(); // avgFrameRate
  const layers = reader.u8();
  const lengthBytes = (layers & 3) + 1;
  if (lengthBytes === 3) throw new WireError('an HEVC configuration record has 3-byte lengths');
  const units = readArrays(reader);
  const of = (type: number) => units.filter((unit) => hevcNalType(unit) === type);
  const [temporalLayers, temporalIdNested] = [(layers >> 3) & 7, (layers & 4) !== 0];
  const sets = { vps: of(HEVC_NAL.vps), sps: of(HEVC_NAL.sps), pps: of(HEVC_NAL.pps) };
  return { general, chromaFormat, bitDepthLuma, bitDepthChroma, temporalLayers, temporalIdNested, lengthBytes, ...sets };
}

function readArrays(reader: ByteReader): Uint8Array[] {
  const units: Uint8Array[] = [];
  const arrays = reader.u8();
  for (let i = 0; i < arrays; i += 1) {
    const type = reader.u8() & 0x3f;
    const count = reader.u16();
    for (let j = 0; j < count; j += 1) {
      const unit = reader.bytes(reader.u16());
      if (unit.length < 2 || hevcNalType(unit) !== type) throw new WireError('a parameter set is empty or in the wrong place');
      units.push(unit);
      if (units.length > UNITS_MAX * 4) throw new WireError('an HEVC configuration has too many parameter sets');
    }
  }
  return units;
}
