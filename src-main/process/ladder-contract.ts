/** Messages between the live server and the process that makes the rungs of one stream. Pictures only: sound is copied by the server. */
import type { VideoSettings } from '../../src-shared/domain/rendition.ts';
import type { VideoCodec, VideoEncoderName } from '../../src-shared/domain/video-encoder.ts';
import type { ErrorCode } from '../../src-shared/errors.ts';

/** What the pictures to follow are coded in. */
export interface LadderSource {
  codec: VideoCodec | 'vp9';
  /** avcC, hvcC or av1C; null: the decoder needs none */
  config: Uint8Array | null;
  widthPx: number;
  heightPx: number;
  frameRate: number;
}

/** Times are milliseconds on the stream's own timeline, and the same in a rung as in the source's picture it was made from. */
export interface LadderPicture {
  dtsMs: number;
  ptsMs: number;
  key: boolean;
  /** an access unit as VideoPacket.data */
  data: Uint8Array;
}

export type ToLadder =
  /**
   * A decoder is opened anew, on the card of `encoder` where it has one; rungs that run go on, and get an IDR with the next
   * one of the source.
   */
  | { type: 'source'; source: LadderSource; encoder: VideoEncoderName }
  /**
   * Makes this rung from the first picture on that is decoded at `fromMs` or later, and becomes an IDR; with the first of these
   * encoders that opens, and where that fails later with the next.
   */
  | { type: 'open'; rung: string; video: VideoSettings; fromMs: number; encoders: readonly VideoEncoderName[] }
  | { type: 'close'; rung: string }
  /** the next picture of the rung is an IDR, whether the source has one or not */
  | { type: 'idr'; rung: string }
  /** answered with `taken`, each */
  | { type: 'picture'; picture: LadderPicture }
  | { type: 'stop' };

export type FromLadder =
  | { type: 'ready'; pid: number }
  /** before the rung's first picture, and again after a change; `encoder` is what makes it */
  | { type: 'header'; rung: string; config: Uint8Array; encoder: VideoEncoderName }
  /** `aligned`: the source has an IDR here as well */
  | { type: 'picture'; rung: string; picture: LadderPicture; aligned: boolean }
  /** a picture of the source has been worked through, in all rungs */
  | { type: 'taken' }
  /** it did not open, or failed in mid-stream; the rung goes on with the next one */
  | { type: 'encoder-failed'; encoder: VideoEncoderName; message: string }
  /** of one rung, or of all (null): it is closed */
  | { type: 'failed'; rung: string | null; code: ErrorCode; message: string };
