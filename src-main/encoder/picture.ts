/**
 * Raw pictures for FFmpeg, shared by all renditions. Nothing is copied: `Frame.fromBuffer` of node-av 6 only points the
 * frame at the buffer, so the planes must neither be collected nor changed while anybody holds the picture.
 */
import {
  AV_PIX_FMT_YUV420P,
  AVCOL_PRI_BT709,
  AVCOL_RANGE_MPEG,
  AVCOL_SPC_BT709,
  AVCOL_TRC_BT709,
  type AVPixelFormat,
} from 'node-av/constants';
import { Frame } from 'node-av/lib';
import { i420Bytes } from '../../src-shared/units.ts';

/** One I420 picture, BT.709 limited. It goes back to its pool when the last holder lets go. */
export class Picture {
  readonly frame: Frame;
  captureTimeUs = 0;
  /** keeps the memory that `frame` points at from being collected */
  planes: Uint8Array | null = null;
  #holders = 0;
  readonly #giveBack: (picture: Picture) => void;

  constructor(frame: Frame, giveBack: (picture: Picture) => void) {
    this.frame = frame;
    this.#giveBack = giveBack;
  }

  /** @param planes I420 of the frame's size; the caller gives them up */
  show(planes: Uint8Array, captureTimeUs: number): this {
    this.planes = planes;
    this.captureTimeUs = captureTimeUs;
    this.frame.fromBuffer(Buffer.from(planes.buffer, planes.byteOffset, planes.byteLength));
    return this;
  }

  hold(): this {
    this.#holders++;
    return this;
  }

  letGo(): void {
    if (--this.#holders > 0) return;
    this.planes = null;
    this.#giveBack(this);
  }
}

/** Reuses the frames; the planes are those that came from the renderer. */
export class PicturePool {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly #free: Picture[] = [];
  #closed = false;

  constructor(widthPx: number, heightPx: number) {
    this.widthPx = widthPx;
    this.heightPx = heightPx;
  }

  /** @param planes I420, exactly widthPx*heightPx*3/2 bytes, given up by the caller. @returns a picture held once, by the caller */
  take(planes: Uint8Array, captureTimeUs: number): Picture {
    const picture = this.#free.pop() ?? new Picture(allocateFrame(this.widthPx, this.heightPx), (free) => this.#giveBack(free));
    return picture.show(planes, captureTimeUs).hold();
  }

  black(captureTimeUs: number): Picture {
    const planes = new Uint8Array(i420Bytes(this.widthPx, this.heightPx)).fill(128);
    return this.take(planes.fill(16, 0, this.widthPx * this.heightPx), captureTimeUs);
  }

  /** Pictures still held are freed when they come back. */
  close(): void {
    this.#closed = true;
    for (const picture of this.#free.splice(0)) picture.frame.free();
  }

  #giveBack(picture: Picture): void {
    if (this.#closed) picture.frame.free();
    else this.#free.push(picture);
  }
}

export function allocateFrame(widthPx: number, heightPx: number, format: AVPixelFormat = AV_PIX_FMT_YUV420P): Frame {
  const frame = new Frame();
  frame.alloc();
  frame.width = widthPx;
  frame.height = heightPx;
  frame.format = format;
  frame.colorRange = AVCOL_RANGE_MPEG;
  frame.colorSpace = AVCOL_SPC_BT709;
  frame.colorPrimaries = AVCOL_PRI_BT709;
  frame.colorTrc = AVCOL_TRC_BT709;
  frame.getBuffer(0);
  return frame;
}
