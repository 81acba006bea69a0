/** One rung: pictures of the source are scaled and encoded, and keep their times. */
import { SWS_BICUBIC } from 'node-av/constants';
import { type Frame, SoftwareScaleContext } from 'node-av/lib';
import type { VideoSettings } from '../../../src-shared/domain/rendition.ts';
import type { VideoEncoderName } from '../../../src-shared/domain/video-encoder.ts';
import { StudioError, toFailure } from '../../../src-shared/errors.ts';
import type { LadderPicture } from '../../process/ladder-contract.ts';
import { allocateFrame } from '../frame.ts';
import type { AccessUnit, VideoEncoder } from '../video/back-end.ts';
import { openVideoEncoder } from '../video/open-encoder.ts';

/** Of a decoded picture, and of what is made of it. */
export interface PictureTimes {
  ptsMs: number;
  dtsMs: number;
  /** the source has an IDR here */
  aligned: boolean;
}

export interface RungOutput {
  header(config: Uint8Array, encoder: VideoEncoderName): void;
  picture(picture: LadderPicture, aligned: boolean): void;
  /** it did not open, or no longer works: the next one takes over */
  encoderFailed(encoder: VideoEncoderName, message: string): void;
}

export interface RungSettings {
  video: VideoSettings;
  /** pictures of before are not wanted */
  fromMs: number;
}

interface Working {
  name: VideoEncoderName;
  encoder: VideoEncoder;
}

export class RungEncoder {
  readonly #settings: RungSettings;
  readonly #output: RungOutput;
  /** those that may still be tried, the best first; the one at work is not among them */
  readonly #others: VideoEncoderName[];
  #working: Working | null = null;
  /** by the encoder's ticks: of the pictures it has not given back */
  readonly #under = new Map<number, PictureTimes>();
  #scaler: { of: string; context: SoftwareScaleContext; to: Frame } | null = null;
  #tick = 0;
  #idrWanted = true;
  #told = false;

  private constructor(settings: RungSettings, encoders: readonly VideoEncoderName[], output: RungOutput) {
    this.#settings = settings;
    this.#others = [...encoders];
    this.#output = output;
  }

  /** @param encoders in the order in which they are tried. @throws StudioError encoder.open-failed */
  static async open(settings: RungSettings, encoders: readonly VideoEncoderName[], output: RungOutput): Promise<RungEncoder> {
    const rung = new RungEncoder(settings, encoders, output);
    await rung.#openNext();
    return rung;
  }

  /** the next picture is an IDR */
  wantIdr(): void {
    this.#idrWanted = true;
  }

  /** One at a time. An encoder that fails costs the pictures that are under way in it. @throws StudioError encoder.open-failed */
  async encode(source: Frame, times: PictureTimes): Promise<void> {
    if (times.dtsMs < this.#settings.fromMs) return;
    for (;;) {
      const { encoder, name } = this.#working ?? (await this.#openNext());
      try {
        return await this.#encodeWith(encoder, source, times);
      } catch (error) {
        this.#output.encoderFailed(name, toFailure(error).message);
        await this.#abandon();
      }
    }
  }

  /** Not while `encode` runs. */
  async close(): Promise<void> {
    this.#freeScaler();
    const working = this.#working;
    this.#working = null;
    await working?.encoder.close();
  }

  /** @throws StudioError encoder.open-failed: none is left */
  async #openNext(): Promise<Working> {
    const { video } = this.#settings;
    const reasons: string[] = [];
    for (let name = this.#others.shift(); name; name = this.#others.shift()) {
      try {
        const give = (unit: AccessUnit) => this.#give(unit); // none comes before there was a picture
        const encoder = await openVideoEncoder('node-av', { ...video, encoder: name }, give);
        this.#working = { name, encoder };
        this.#told = false;
        return this.#working;
      } catch (error) {
        reasons.push(toFailure(error).message);
        this.#output.encoderFailed(name, reasons.at(-1) ?? '');
      }
    }
    throw new StudioError('encoder.open-failed', ['No encoder is left that could make this quality.', ...reasons].join(' '));
  }

  /** One that failed may fail at its end as well. */
  async #abandon(): Promise<void> {
    await this.close().catch(() => {});
    this.#under.clear();
    this.#tick = 0;
    this.#idrWanted = true;
  }

  async #encodeWith(encoder: VideoEncoder, source: Frame, times: PictureTimes): Promise<void> {
    const frame = await this.#fit(encoder, source);
    const tick = this.#tick;
    this.#tick += 1;
    this.#under.set(tick, times);
    const idr = times.aligned || this.#idrWanted;
    this.#idrWanted = false;
    await encoder.encode({ frame, planes: null }, tick, idr);
  }

  async #fit({ inputSize, inputFormat }: VideoEncoder, source: Frame): Promise<Frame> {
    const { widthPx, heightPx } = inputSize;
    if (source.width === widthPx && source.height === heightPx && source.format === inputFormat) return source;
    const of = `${source.width}x${source.height} ${source.format}`;
    if (this.#scaler?.of !== of) {
      this.#freeScaler();
      const context = new SoftwareScaleContext();
      context.getContext(source.width, source.height, source.format as typeof inputFormat, widthPx, heightPx, inputFormat, SWS_BICUBIC);
      this.#scaler = { of, context, to: allocateFrame(widthPx, heightPx, inputFormat) };
    }
    const { context, to } = this.#scaler;
    to.makeWritable(); // the encoder may still hold what was written last
    const status = await context.scaleFrame(to, source);
    if (status < 0) throw new StudioError('encoder.crashed', `A picture could not be scaled (${status}).`);
    return to;
  }

  #freeScaler(): void {
    this.#scaler?.to.free();
    this.#scaler?.context.freeContext();
    this.#scaler = null;
  }

  #give({ pts, key, data, config }: AccessUnit): void {
    if (!this.#working) return; // what a failed one still had
    const { name, encoder } = this.#working;
    const header = config ?? (this.#told ? null : encoder.config);
    if (header) this.#output.header(header, name);
    this.#told ||= header !== null;
    const times = this.#under.get(pts);
    this.#under.delete(pts);
    if (times) this.#output.picture({ ptsMs: times.ptsMs, dtsMs: times.dtsMs, key, data }, key && times.aligned);
  }
}
