/** One door to what differs by codec: configuration records and samples from what an encoder gives. */
import { av1ConfigFromObus, parseAv1Config } from './av1.ts';
import { annexBToAvcc, avcConfigFromAnnexB, avcConfigSize } from './codec-config.ts';
import { hevcSample, parseHevcSps } from './hevc.ts';
import { hevcConfigFromAnnexB, parseHevcConfig } from './hevc-config.ts';
import { av1Sample } from './obu.ts';
import { WireError } from './wire-error.ts';

export type SampleCodec = 'h264' | 'hevc' | 'av1';

/**
 * The decoder configuration record (avcC, hvcC, av1C).
 * @param extradata as FFmpeg's encoders give it: parameter sets in Annex B, or a sequence header OBU; or an access unit that has them
 */
export function configFromExtradata(codec: SampleCodec, extradata: Uint8Array): Uint8Array {
  switch (codec) {
    case 'h264':
      return avcConfigFromAnnexB(extradata);
    case 'hevc':
      return hevcConfigFromAnnexB(extradata);
    case 'av1':
      return av1ConfigFromObus(extradata);
  }
}

/**
 * An encoder's packet as MP4, RTMP and the engine carry it (VideoPacket.data); always a copy.
 * @param bytes Annex B, or a temporal unit of OBUs
 */
export function sampleFromPacket(codec: SampleCodec, bytes: Uint8Array): Uint8Array {
  switch (codec) {
    case 'h264':
      return annexBToAvcc(bytes);
    case 'hevc':
      return hevcSample(bytes);
    case 'av1':
      return av1Sample(bytes);
  }
}

/** The picture size that a configuration record announces. */
export function configSize(codec: SampleCodec, record: Uint8Array): { widthPx: number; heightPx: number } {
  if (codec === 'h264') return avcConfigSize(record);
  if (codec === 'av1') {
    const { widthPx, heightPx } = parseAv1Config(record);
    return { widthPx, heightPx };
  }
  const [sps] = parseHevcConfig(record).sps;
  if (!sps) throw new WireError('an HEVC configuration record has no SPS');
  const { widthPx, heightPx } = parseHevcSps(sps);
  return { widthPx, heightPx };
}
