/** A destination's own video as it is being typed. Pure. */
import { type Fit, OwnVideo, type VideoEncoderName, type VideoSettings } from '../../../src-shared/domain/index.ts';

export interface VideoDraft {
  /** "1280x720" */
  size: string;
  frameRate: string;
  kbps: string;
  encoder: VideoEncoderName;
  fit: Fit;
}

const SAME_SHAPE = 0.01;

/** @param show where the typing begins */
export function videoDraftOf(show: VideoSettings | OwnVideo): VideoDraft {
  const { widthPx, heightPx, frameRate, bitrateKbps, encoder, fit } = show;
  return { size: `${widthPx}x${heightPx}`, frameRate: String(frameRate), kbps: String(bitrateKbps), encoder, fit };
}

/** null: the bitrate is none */
export function ownVideoOf({ size, frameRate, kbps, encoder, fit }: VideoDraft): OwnVideo | null {
  const [widthPx, heightPx] = size.split('x').map(Number);
  const bitrateKbps = kbps.trim() === '' ? Number.NaN : Number(kbps);
  const parsed = OwnVideo.safeParse({ widthPx, heightPx, frameRate: Number(frameRate), bitrateKbps, encoder, fit });
  return parsed.success ? parsed.data : null;
}

type Size = Pick<VideoSettings, 'widthPx' | 'heightPx'>;

/** The picture has to be fitted: it has another shape than the show's. */
export function isOtherShape(own: Size, show: Size): boolean {
  return Math.abs((own.widthPx * show.heightPx) / (own.heightPx * show.widthPx) - 1) >= SAME_SHAPE;
}
