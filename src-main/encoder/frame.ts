/** Pictures as FFmpeg's frames. */
import {
  AV_PIX_FMT_YUV420P,
  AVCOL_PRI_BT709,
  AVCOL_RANGE_MPEG,
  AVCOL_SPC_BT709,
  AVCOL_TRC_BT709,
  type AVPixelFormat,
} from 'node-av/constants';
import { Frame } from 'node-av/lib';

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

/** Shows pictures to FFmpeg, one after the other. Nothing is copied: `Frame.fromBuffer` of node-av 6 only points at the planes. */
export class PictureFrame {
  readonly #size: { widthPx: number; heightPx: number };
  #shown: Frame | null = null;

  constructor(size: { widthPx: number; heightPx: number }) {
    this.#size = size;
  }

  /** @returns a frame that holds until the next call, and no longer than the picture is held */
  show({ frame, planes }: { frame: Frame | null; planes: Uint8Array | null }): Frame {
    if (frame) return frame;
    if (!planes) throw new TypeError('a picture has a frame or planes');
    this.#shown ??= allocateFrame(this.#size.widthPx, this.#size.heightPx);
    this.#shown.fromBuffer(Buffer.from(planes.buffer, planes.byteOffset, planes.byteLength));
    return this.#shown;
  }

  free(): void {
    this.#shown?.free();
    this.#shown = null;
  }
}
