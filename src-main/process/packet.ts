/** Encoded media as it passes from the encoder to the engine, and on to publishers and the recorder. */
import type { RenditionId } from '../../src-shared/domain/ids.ts';

/** Times are microseconds since the engine's epoch, so they go on across encoder restarts. */
export interface VideoPacket {
  kind: 'video';
  renditionId: RenditionId;
  ptsUs: number;
  dtsUs: number;
  durationUs: number;
  /** an IDR: decoding can begin here */
  key: boolean;
  /** the access unit as NAL units with 4-byte lengths (ISO/IEC 14496-15), without parameter sets */
  data: Uint8Array;
  tick: number;
  captureTimeUs: number;
  /** the picture repeats the one before, since none came in time */
  repeated: boolean;
}

export interface AudioPacket {
  kind: 'audio';
  ptsUs: number;
  durationUs: number;
  /** one raw AAC access unit, without ADTS */
  data: Uint8Array;
}

export type MediaPacket = VideoPacket | AudioPacket;

export interface VideoHeader {
  kind: 'video';
  renditionId: RenditionId;
  codec: 'h264';
  widthPx: number;
  heightPx: number;
  frameRate: number;
  bitrateKbps: number;
  /** AVCDecoderConfigurationRecord, ISO/IEC 14496-15, 5.3.3.1 */
  config: Uint8Array;
}

export interface AudioHeader {
  kind: 'audio';
  codec: 'aac';
  sampleRateHz: number;
  channels: number;
  bitrateKbps: number;
  /** AudioSpecificConfig, ISO/IEC 14496-3, 1.6.2.1 */
  config: Uint8Array;
}

export type MediaHeader = VideoHeader | AudioHeader;
