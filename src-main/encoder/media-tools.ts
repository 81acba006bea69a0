/**
 * Who does the work of this process: FFmpeg inside it (node-av), or the ffmpeg program beside it, also where node-av does
 * not load. Nothing else here knows which.
 */
import type { OpenSound } from './audio-back-end.ts';
import type { Picture, PictureSize } from './picture.ts';
import type { OpenVideoEncoder } from './video/back-end.ts';

/** @returns a JPEG of the picture. @throws StudioError internal */
export type MakeThumbnail = (picture: Picture, size: PictureSize, widthPx: number) => Uint8Array | Promise<Uint8Array>;

export interface MediaTools {
  openVideo: OpenVideoEncoder;
  openSound: OpenSound;
  thumbnail: MakeThumbnail;
  /** for the log: why it is not node-av that does all; null: it is */
  note: string | null;
}
