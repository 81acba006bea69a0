/** Encoders by the names that people know them by. Names are not translated. */
import {
  describeEncoder,
  type EncoderCapabilities,
  type EncoderFamily,
  type VideoCodec,
  type VideoEncoderName,
} from '../../../src-shared/domain/index.ts';

export const CODEC_NAMES: Record<VideoCodec, string> = { h264: 'H.264', hevc: 'HEVC', av1: 'AV1' };

const FAMILY_NAMES: Record<EncoderFamily, string> = {
  x264: 'x264',
  x265: 'x265',
  svtav1: 'SVT-AV1',
  nvenc: 'NVIDIA NVENC',
  qsv: 'Intel Quick Sync',
  amf: 'AMD AMF',
  videotoolbox: 'VideoToolbox',
  vaapi: 'VA-API',
  mf: 'Media Foundation',
};

/** Whose driver it is. */
export const MAKERS: Record<EncoderFamily, string> = { ...FAMILY_NAMES, nvenc: 'NVIDIA', qsv: 'Intel', amf: 'AMD' };

export const familyName = (encoder: VideoEncoderName) => FAMILY_NAMES[describeEncoder(encoder).family];

export function encoderName(encoder: VideoEncoderName): string {
  return `${familyName(encoder)} · ${CODEC_NAMES[describeEncoder(encoder).codec]}`;
}

/** A family's encoders of which the same is to be told. */
export interface EncoderGroup {
  name: string;
  codecs: string[];
  told: EncoderCapabilities;
}

/** Those that work first, otherwise in the order of the report; what differs only in the codec is one. */
export function encoderGroups(encoders: readonly EncoderCapabilities[]): EncoderGroup[] {
  const groups = new Map<string, EncoderGroup>();
  for (const told of encoders) {
    const name = familyName(told.encoder);
    const same = JSON.stringify([name, told.available ? told.skills : told.reason]);
    const group = groups.get(same) ?? { name, codecs: [], told };
    group.codecs.push(CODEC_NAMES[describeEncoder(told.encoder).codec]);
    groups.set(same, group);
  }
  return [...groups.values()].sort((a, b) => Number(b.told.available) - Number(a.told.available));
}
