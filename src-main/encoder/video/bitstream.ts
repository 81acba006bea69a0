/** From what FFmpeg's encoders give to the packets and records of src-main/process/packet.ts. Everything is copied: the memory is FFmpeg's. */
import { describeEncoder, type VideoCodec, type VideoEncoderName } from '../../../src-shared/domain/video-encoder.ts';
import { av1ConfigFromObus } from '../../wire/av1.ts';
import { annexBToAvcc, avcConfigFromAnnexB } from '../../wire/codec-config.ts';
import { hevcSample } from '../../wire/hevc.ts';
import { hevcConfigFromAnnexB } from '../../wire/hevc-config.ts';
import { av1Sample } from '../../wire/obu.ts';

export interface Bitstream {
  /** @param bytes parameter sets, or an access unit that has them in it */
  config(bytes: Uint8Array): Uint8Array;
  accessUnit(bytes: Uint8Array): Uint8Array;
  /**
   * Every key picture has its sequence header with it, and only that one holds: libsvtav1 says another one while it
   * opens than it then uses.
   */
  headerInKeys: boolean;
}

const BITSTREAMS: Record<VideoCodec, Bitstream> = {
  h264: { config: avcConfigFromAnnexB, accessUnit: annexBToAvcc, headerInKeys: false },
  hevc: { config: hevcConfigFromAnnexB, accessUnit: hevcSample, headerInKeys: false },
  av1: { config: av1ConfigFromObus, accessUnit: av1Sample, headerInKeys: true },
};

export function bitstreamOf(encoder: VideoEncoderName): Bitstream {
  return BITSTREAMS[describeEncoder(encoder).codec];
}

/** Whether two configuration records say the same. */
export function sameBytes(a: Uint8Array | null, b: Uint8Array | null): boolean {
  return a === b || (a !== null && b !== null && Buffer.compare(a, b) === 0);
}
