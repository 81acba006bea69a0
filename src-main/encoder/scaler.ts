/** FFmpeg's scaler, for pictures of another size, shape or format. */
import { AV_PIX_FMT_YUV420P, SWS_BICUBIC } from 'node-av/constants';
import { type Frame, SoftwareScaleContext } from 'node-av/lib';
import { StudioError } from '../../src-shared/errors.ts';
import { allocateFrame, PictureFrame } from './frame.ts';
import { Picture, type PictureShape, type PictureSize } from './picture.ts';
import { fitPicture } from './picture-fit.ts';
import { PictureFitter } from './picture-fitter.ts';

export class Scaler {
  readonly #context = new SoftwareScaleContext();
  readonly #to: PictureShape;
  readonly #source: PictureFrame;
  /** null: the shapes are the same */
  readonly #fitter: PictureFitter | null;
  readonly #free: Frame[] = [];
  #closed = false;

  constructor(from: PictureSize, to: PictureShape) {
    this.#to = to;
    const parts = fitPicture(from, to, to.fit);
    this.#fitter = parts && new PictureFitter(from, to, parts);
    const size = parts ? to : from;
    this.#source = new PictureFrame(size);
    this.#context.getContext(size.widthPx, size.heightPx, AV_PIX_FMT_YUV420P, to.widthPx, to.heightPx, to.format, SWS_BICUBIC);
  }

  /** One at a time. @returns a picture held once. @throws StudioError encoder.crashed */
  async scale(source: Picture): Promise<Picture> {
    const { widthPx, heightPx, format } = this.#to;
    const frame = this.#free.pop() ?? allocateFrame(widthPx, heightPx, format);
    frame.makeWritable();
    const fitted = this.#fitter ? await this.#fitter.fit(source) : source;
    const status = await this.#context.scaleFrame(frame, this.#source.show(fitted));
    if (status < 0) {
      frame.free();
      throw new StudioError('encoder.crashed', `A picture could not be scaled (${status}).`);
    }
    return Picture.ofFrame(frame, source.captureTimeUs, () => {
      if (this.#closed) frame.free();
      else this.#free.push(frame);
    });
  }

  /** Pictures still held are freed when they are let go. */
  close(): void {
    this.#closed = true;
    for (const frame of this.#free.splice(0)) frame.free();
    this.#source.free();
    this.#context.freeContext();
    this.#fitter?.close();
  }
}
