/** Raw pictures, shared by all renditions. Nothing is copied: the planes are those that came from the renderer. Without native code. */
import type { AVPixelFormat } from 'node-av/constants';
import type { Frame } from 'node-av/lib';
import type { Fit } from '../../src-shared/domain/rendition.ts';
import { i420Bytes } from '../../src-shared/units.ts';

/** AV_PIX_FMT_YUV420P of node-av, which may not load here: three planes of eight bits, as the renderer gives them */
export const I420 = 0 as AVPixelFormat;

export interface PictureSize {
  widthPx: number;
  heightPx: number;
}

export interface PictureShape extends PictureSize {
  format: AVPixelFormat;
  /** how it fills another shape */
  fit: Fit;
}

const NOTHING = () => {};

/** What was there before the page composed it, and when it came here, in engine time. */
export interface PictureOrigin {
  cameraUs: number | null;
  arrivedUs: number;
}

/** One picture, BT.709 limited. Its memory must neither be collected nor changed while anybody holds it. */
export class Picture {
  /** what FFmpeg has made of another; null: the planes are all there is */
  readonly frame: Frame | null;
  /** I420, one plane after the other; null: the frame is all there is */
  planes: Uint8Array | null;
  readonly captureTimeUs: number;
  /** null: it did not come from the page */
  readonly origin: PictureOrigin | null;
  #holders = 1;
  readonly #onFree: () => void;

  private constructor(
    frame: Frame | null,
    planes: Uint8Array | null,
    captureTimeUs: number,
    onFree: () => void,
    origin: PictureOrigin | null = null,
  ) {
    this.frame = frame;
    this.planes = planes;
    this.captureTimeUs = captureTimeUs;
    this.origin = origin;
    this.#onFree = onFree;
  }

  /** @param planes I420, exactly widthPx*heightPx*3/2 bytes, given up by the caller. @returns a picture held once, by the caller */
  static ofPlanes(planes: Uint8Array, captureTimeUs: number, origin: PictureOrigin | null = null): Picture {
    return new Picture(null, planes, captureTimeUs, NOTHING, origin);
  }

  static black({ widthPx, heightPx }: PictureSize, captureTimeUs: number): Picture {
    const planes = new Uint8Array(i420Bytes(widthPx, heightPx)).fill(128);
    return Picture.ofPlanes(planes.fill(16, 0, widthPx * heightPx), captureTimeUs);
  }

  /** @param onFree the frame is the caller's again. @returns a picture held once, by the caller */
  static ofFrame(frame: Frame, captureTimeUs: number, onFree: () => void): Picture {
    return new Picture(frame, null, captureTimeUs, onFree);
  }

  hold(): this {
    this.#holders++;
    return this;
  }

  letGo(): void {
    if (--this.#holders > 0) return;
    this.planes = null; // an object that has grown old would keep them
    this.#onFree();
  }
}
