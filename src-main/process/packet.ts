/** Encoded media as it passes from the encoder to the engine, and on to publishers and the recorder. */
import type { SoundId } from '../../src-shared/domain/further-tracks.ts';
import type { RenditionId } from '../../src-shared/domain/ids.ts';
import type { VideoCodec } from '../../src-shared/domain/video-encoder.ts';

/** How a picture came to be: its way until it left the encoder. `captureTimeUs` of its packet lies between the first two. */
export interface PictureWay {
  /** the newest camera or screen picture in it was captured; null: there is none */
  cameraUs: number | null;
  /** the encoder process had it */
  encoderInUs: number;
  encoderOutUs: number;
}

/** Times are microseconds since the engine's epoch, so they go on across encoder restarts. */
export interface VideoPacket {
  kind: 'video';
  /** which of several pictures on a connection; left out: the first, 0 */
  track?: number;
  renditionId: RenditionId;
  ptsUs: number;
  dtsUs: number;
  durationUs: number;
  /** an IDR: decoding can begin here */
  key: boolean;
  /**
   * H.264, HEVC: the access unit as NAL units with 4-byte lengths (ISO/IEC 14496-15), without parameter sets; AV1: the
   * temporal unit as OBUs with their sizes, without temporal delimiters (AV1 in ISOBMFF, 2.4)
   */
  data: Uint8Array;
  tick: number;
  /** the page began to compose the picture */
  captureTimeUs: number;
  /** left out: not known */
  way?: PictureWay;
  /** the picture repeats the one before, since none came in time */
  repeated: boolean;
}

export interface AudioPacket {
  kind: 'audio';
  /** which of several sounds; left out: the first, 0 */
  track?: number;
  /** of the show's sound made more than once, which; left out: as the show's settings say */
  sound?: SoundId;
  ptsUs: number;
  durationUs: number;
  /** one raw AAC access unit, without ADTS; or one Opus packet */
  data: Uint8Array;
}

export type MediaPacket = VideoPacket | AudioPacket;

export interface VideoHeader {
  kind: 'video';
  /** which of several pictures on a connection; left out: the first, 0 */
  track?: number;
  renditionId: RenditionId;
  codec: VideoCodec;
  widthPx: number;
  heightPx: number;
  frameRate: number;
  bitrateKbps: number;
  /**
   * AVCDecoderConfigurationRecord (ISO/IEC 14496-15, 5.3.3.1), HEVCDecoderConfigurationRecord (8.3.3.1), or
   * AV1CodecConfigurationRecord (AV1 in ISOBMFF, 2.3)
   */
  config: Uint8Array;
}

export interface AudioHeader {
  kind: 'audio';
  /** which of several sounds; left out: the first, 0 */
  track?: number;
  /** see AudioPacket */
  sound?: SoundId;
  codec: 'aac' | 'opus';
  sampleRateHz: number;
  channels: number;
  bitrateKbps: number;
  /** AudioSpecificConfig (ISO/IEC 14496-3, 1.6.2.1), or Opus' identification header (RFC 7845, 5.1) */
  config: Uint8Array;
}

export type MediaHeader = VideoHeader | AudioHeader;
