/** Scales a part of a picture into a part of another one; what is left of that stays black. */
import { AV_PIX_FMT_YUV420P, SWS_BICUBIC } from 'node-av/constants';
import { SoftwareScaleContext } from 'node-av/lib';
import { StudioError } from '../../src-shared/errors.ts';
import { i420Bytes } from '../../src-shared/units.ts';
import type { Picture, PictureSize } from './picture.ts';
import type { FittedParts, Rect } from './picture-fit.ts';

const BLACK = { luma: 16, chroma: 128 };

export class PictureFitter {
  readonly #context = new SoftwareScaleContext();
  readonly #from: PictureSize;
  readonly #to: PictureSize;
  readonly #parts: FittedParts;
  readonly #planes: Uint8Array;

  constructor(from: PictureSize, to: PictureSize, parts: FittedParts) {
    this.#from = from;
    this.#to = to;
    this.#parts = parts;
    const luma = to.widthPx * to.heightPx;
    this.#planes = new Uint8Array(i420Bytes(to.widthPx, to.heightPx)).fill(BLACK.chroma).fill(BLACK.luma, 0, luma);
    const [source, target] = [parts.from, parts.to];
    const format = AV_PIX_FMT_YUV420P;
    this.#context.getContext(source.widthPx, source.heightPx, format, target.widthPx, target.heightPx, format, SWS_BICUBIC);
  }

  /** One at a time. @returns I420, which the next call writes anew. @throws StudioError encoder.crashed */
  async fit({ planes }: Picture): Promise<{ frame: null; planes: Uint8Array }> {
    if (!planes) throw new TypeError('a picture is fitted as it came, in planes');
    const { from, to } = this.#parts;
    const [read, write] = [partOf(planes, this.#from, from), partOf(this.#planes, this.#to, to)];
    const status = await this.#context.scale(read.planes, read.strides, 0, from.heightPx, write.planes, write.strides);
    if (status < 0) throw new StudioError('encoder.crashed', `A picture could not be scaled (${status}).`);
    return { frame: null, planes: this.#planes };
  }

  close(): void {
    this.#context.freeContext();
  }
}

/** Three planes that lie one behind the other, each from where the part begins. */
function partOf(planes: Uint8Array, { widthPx, heightPx }: PictureSize, { xPx, yPx }: Rect): { planes: Buffer[]; strides: number[] } {
  const luma = widthPx * heightPx;
  const chroma = (yPx / 2) * (widthPx / 2) + xPx / 2;
  const starts = [yPx * widthPx + xPx, luma + chroma, luma + luma / 4 + chroma];
  return {
    planes: starts.map((start) => Buffer.from(planes.buffer, planes.byteOffset + start, planes.byteLength - start)),
    strides: [widthPx, widthPx / 2, widthPx / 2],
  };
}
