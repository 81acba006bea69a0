/**
 * What every family's option table answers with: plain numbers and strings, so that the native back end, the command
 * line, the probe and the tests can all read it. Names and values are FFmpeg's (8.1).
 */
import type { IgnoredSetting, VideoSettings } from '../../../src-shared/domain/rendition.ts';

/** The fields of AVCodecContext that a back end sets before it opens the encoder. Rates in bit/s, 0 where there is none. */
export interface ContextFields extends RateFields {
  /** of what is given to the encoder; `vaapi` takes surfaces, made in `surfaceFormat` */
  pixelFormat: 'yuv420p' | 'yuv420p10le' | 'nv12' | 'p010le' | 'vaapi';
  surfaceFormat: 'nv12' | 'p010le' | null;
  /** pictures from one keyframe to the next */
  gopSize: number;
  maxBFrames: number;
  /** 0: the encoder chooses */
  threadCount: number;
  /** null: the encoder's own */
  refs: number | null;
  globalQuality: number | null;
  compressionLevel: number | null;
  /** constants of FFmpeg's option `flags` */
  flags: ('global_header' | 'cgop' | 'qscale')[];
}

export interface RateFields {
  bitRate: number;
  rcMaxRate: number;
  rcBufferSize: number;
}

export interface EncoderOptions {
  context: ContextFields;
  /** by their names in FFmpeg: set one by one on the context, or handed to the command line */
  options: Record<string, string>;
  ignored: IgnoredSetting[];
}

/** A family's table. Pure. */
export type OptionTable = (settings: VideoSettings) => EncoderOptions;
