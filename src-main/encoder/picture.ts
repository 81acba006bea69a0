/** Raw pictures in native memory, shared by all renditions and reused. */
import { AV_PIX_FMT_YUV420P, AVCOL_PRI_BT709, AVCOL_RANGE_MPEG, AVCOL_SPC_BT709, AVCOL_TRC_BT709 } from 'node-av/constants';
import { Frame } from 'node-av/lib';
import { i420Bytes } from '../../src-shared/units.ts';

/** One I420 picture, BT.709 limited. It goes back to its pool when the last holder lets go. */
export class Picture {
  readonly frame: Frame;
  captureTimeUs = 0;
  #holders = 0;
  readonly #giveBack: (picture: Picture) => void;

  constructor(frame: Frame, giveBack: (picture: Picture) => void) {
    this.frame = frame;
    this.#giveBack = giveBack;
  }

  hold(): this {
    this.#holders++;
    return this;
  }

  letGo(): void {
    if (--this.#holders === 0) this.#giveBack(this);
  }
}

/** Fresh memory for every picture would cost a page fault for every 4 KiB of it. */
export class PicturePool {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly #free: Picture[] = [];
  #closed = false;

  constructor(widthPx: number, heightPx: number) {
    this.widthPx = widthPx;
    this.heightPx = heightPx;
  }

  /** Copies I420 planes (exactly widthPx*heightPx*3/2 bytes); held once, by the caller. */
  take(planes: Uint8Array, captureTimeUs: number): Picture {
    const picture = this.#free.pop() ?? new Picture(allocateFrame(this.widthPx, this.heightPx), (free) => this.#giveBack(free));
    picture.frame.makeWritable();
    picture.frame.fromBuffer(Buffer.from(planes.buffer, planes.byteOffset, planes.byteLength));
    picture.captureTimeUs = captureTimeUs;
    return picture.hold();
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

export function allocateFrame(widthPx: number, heightPx: number): Frame {
  const frame = new Frame();
  frame.alloc();
  frame.width = widthPx;
  frame.height = heightPx;
  frame.format = AV_PIX_FMT_YUV420P;
  frame.colorRange = AVCOL_RANGE_MPEG;
  frame.colorSpace = AVCOL_SPC_BT709;
  frame.colorPrimaries = AVCOL_PRI_BT709;
  frame.colorTrc = AVCOL_TRC_BT709;
  frame.getBuffer(0);
  return frame;
}
