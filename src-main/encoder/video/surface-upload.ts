/**
 * VAAPI takes pictures that lie in the graphics card's memory only: a device, a pool of surfaces, and a copy of every
 * picture into one of them. No machine with such a card has run it yet.
 */
import { AV_HWDEVICE_TYPE_VAAPI, AV_PIX_FMT_VAAPI, type AVPixelFormat } from 'node-av/constants';
import { type CodecContext, Frame, HardwareDeviceContext, HardwareFramesContext } from 'node-av/lib';
import { StudioError } from '../../../src-shared/errors.ts';

/** What the encoder has under way stays in its surfaces. */
const SURFACES = 20;

export class SurfaceUpload {
  readonly #device = new HardwareDeviceContext();
  readonly #surfaces = new HardwareFramesContext();
  readonly #surface = new Frame();

  /**
   * Gives `context`, which has its size and is not open, the surfaces it takes.
   * @param softwareFormat what the pictures have before they are copied
   * @throws StudioError encoder.open-failed
   */
  constructor(context: CodecContext, softwareFormat: AVPixelFormat) {
    try {
      check(this.#device.create(AV_HWDEVICE_TYPE_VAAPI));
      this.#surfaces.alloc(this.#device);
      this.#surfaces.format = AV_PIX_FMT_VAAPI;
      this.#surfaces.swFormat = softwareFormat;
      this.#surfaces.width = context.width;
      this.#surfaces.height = context.height;
      this.#surfaces.initialPoolSize = SURFACES + context.maxBFrames;
      check(this.#surfaces.init());
      context.hwFramesCtx = this.#surfaces;
      this.#surface.alloc();
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** @returns a surface that stays as it is until the next call; the encoder keeps a reference of its own. @throws StudioError encoder.crashed */
  async upload(picture: Frame): Promise<Frame> {
    this.#surface.unref();
    const found = this.#surfaces.getBuffer(this.#surface);
    const status = found < 0 ? found : await this.#surfaces.transferData(this.#surface, picture);
    if (status < 0) throw new StudioError('encoder.crashed', `The graphics card took no picture (${status}). The encoder is started anew.`);
    this.#surface.copyProps(picture);
    return this.#surface;
  }

  close(): void {
    this.#surface.free();
    this.#surfaces.free();
    this.#device.free();
  }
}

function check(status: number): void {
  if (status >= 0) return;
  throw new StudioError('encoder.open-failed', `VAAPI could not be used on this machine (${status}). Choose another encoder.`);
}
