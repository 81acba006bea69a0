/**
 * What a video encoder is to the rest of the process, whoever does the work. Pictures go in with their tick, access units
 * come out; nothing here knows about time or queues.
 */
import type { AVPixelFormat } from 'node-av/constants';
import type { Frame } from 'node-av/lib';
import type { VideoSettings } from '../../../src-shared/domain/rendition.ts';
import type { PictureSize } from '../picture.ts';

/** What a back end says of itself; tests/integration/encoder-conformance.test.ts proves every yes and every no. */
export interface EncoderAbilities {
  /** the bitrate changes between two pictures: no IDR, no new header */
  readonly inPlaceBitrate: boolean;
  /** the picture asked for is an IDR, from the same encoder */
  readonly onDemandIdr: boolean;
  /** for what it cannot do in place, another is opened on an IDR: its first packet is there so soon after the picture */
  readonly reopenMs: number;
  /**
   * at a constant rate, how far from it what begins in its first second may be, over two seconds; everything later is within
   * 10 %. Null: hardware, of which nobody has measured it
   */
  readonly startsWithinPct: number | null;
}

export interface AccessUnit {
  /** ticks of the rendition's frame rate */
  pts: number;
  dts: number;
  /** an IDR */
  key: boolean;
  /** as VideoPacket.data */
  data: Uint8Array;
  /** the decoder configuration record from here on; null while it stays as it was */
  config: Uint8Array | null;
}

/** A picture of the size and in the format that the encoder wants. */
export interface EncoderInput {
  /** null: only the planes are there */
  readonly frame: Frame | null;
  /** I420, plane after plane without gaps; null: only the frame is there */
  readonly planes: Uint8Array | null;
}

export interface VideoEncoder {
  readonly abilities: EncoderAbilities;
  readonly inputSize: PictureSize;
  readonly inputFormat: AVPixelFormat;
  /** the decoder configuration record; null where only the first access unit tells */
  readonly config: Uint8Array | null;
  /**
   * Resolves when the encoder has taken the picture, not when it is encoded. Not to be called again before that.
   * @throws StudioError encoder.crashed, and what opening another encoder throws
   */
  encode(picture: EncoderInput, tick: number, idr: boolean): Promise<void>;
  /** From the next picture on. Not while `encode` runs. */
  setBitrate(bitrateKbps: number): void;
  /** Resolves when the last access unit has been emitted. */
  flush(): Promise<void>;
  /** Without a flush what is under way is lost. Not while `encode` or `flush` run. Idempotent. */
  close(): Promise<void>;
}

/** Access units in decoding order. */
export type Emit = (unit: AccessUnit) => void;

export interface OpenOptions {
  /** the size of the pictures as they come, for one that scales them itself; left out, they come in the settings' size */
  source?: PictureSize;
  /** Another encoder has taken over: it looks up to so many pictures ahead before its first access unit. */
  reopened?: (pictures: number) => void;
}

/** @throws StudioError encoder.open-failed */
export type OpenVideoEncoder = (settings: VideoSettings, emit: Emit, options?: OpenOptions) => Promise<VideoEncoder>;
