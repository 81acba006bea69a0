/** Scales a picture for one rendition. */
import { AV_PIX_FMT_YUV420P, SWS_BICUBIC } from 'node-av/constants';
import { type Frame, SoftwareScaleContext } from 'node-av/lib';
import { StudioError } from '../../src-shared/errors.ts';
import { allocateFrame, type Picture } from './picture.ts';

export class Scaler {
  readonly #context = new SoftwareScaleContext();
  readonly #output: Frame;
  /** a repeat of the picture scaled last need not be scaled again; held, so that it is not refilled meanwhile */
  #scaled: Picture | null = null;

  constructor(from: { widthPx: number; heightPx: number }, to: { widthPx: number; heightPx: number }) {
    this.#context.getContext(from.widthPx, from.heightPx, AV_PIX_FMT_YUV420P, to.widthPx, to.heightPx, AV_PIX_FMT_YUV420P, SWS_BICUBIC);
    this.#output = allocateFrame(to.widthPx, to.heightPx);
  }

  /** @returns a frame that stays as it is until the next call */
  async scale(picture: Picture): Promise<Frame> {
    if (picture === this.#scaled) return this.#output;
    this.#output.makeWritable();
    const status = await this.#context.scaleFrame(this.#output, picture.frame);
    if (status < 0) throw new StudioError('encoder.crashed', `A picture could not be scaled (${status}).`);
    this.#scaled?.letGo();
    this.#scaled = picture.hold();
    return this.#output;
  }

  close(): void {
    this.#scaled?.letGo();
    this.#output.free();
    this.#context.freeContext();
  }
}
