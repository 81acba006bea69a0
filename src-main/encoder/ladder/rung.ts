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
}

export class RungEncoder {
  readonly #encoder: VideoEncoder;
  readonly #name: VideoEncoderName;
  readonly #output: RungOutput;
  readonly #fromMs: number;
  /** by the encoder's ticks: of the pictures it has not given back */
  readonly #under = new Map<number, PictureTimes>();
  #scaler: { of: string; context: SoftwareScaleContext; to: Frame } | null = null;
  #tick = 0;
  #idrWanted = true;
  #told = false;

  private constructor(encoder: VideoEncoder, { name, output, fromMs }: { name: VideoEncoderName; output: RungOutput; fromMs: number }) {
    this.#encoder = encoder;
    this.#name = name;
    this.#output = output;
    this.#fromMs = fromMs;
  }

  /** @param encoders in the order in which they are tried. @throws StudioError encoder.open-failed */
  static async open(
    { video, fromMs }: { video: VideoSettings; fromMs: number },
    encoders: readonly VideoEncoderName[],
    output: RungOutput,
  ): Promise<RungEncoder> {
    const reasons: string[] = [];
    for (const name of encoders) {
      try {
        const give = (unit: AccessUnit) => rung.#give(unit); // none comes before there was a picture
        const encoder = await openVideoEncoder('node-av', { ...video, encoder: name }, give);
        const rung = new RungEncoder(encoder, { name, output, fromMs });
        return rung;
      } catch (error) {
        reasons.push(toFailure(error).message);
      }
    }
    throw new StudioError('encoder.open-failed', reasons.join(' '));
  }

  /** the next picture is an IDR */
  wantIdr(): void {
    this.#idrWanted = true;
  }

  /** One at a time. @throws StudioError encoder.crashed */
  async encode(source: Frame, times: PictureTimes): Promise<void> {
    if (times.dtsMs < this.#fromMs) return;
    const frame = await this.#fit(source);
    const tick = this.#tick;
    this.#tick += 1;
    this.#under.set(tick, times);
    const idr = times.aligned || this.#idrWanted;
    this.#idrWanted = false;
    await this.#encoder.encode({ frame, planes: null }, tick, idr);
  }

  /** Not while `encode` runs. */
  async close(): Promise<void> {
    this.#freeScaler();
    await this.#encoder.close();
  }

  async #fit(source: Frame): Promise<Frame> {
    const { inputSize, inputFormat } = this.#encoder;
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
    const header = config ?? (this.#told ? null : this.#encoder.config);
    if (header) this.#output.header(header, this.#name);
    this.#told ||= header !== null;
    const times = this.#under.get(pts);
    this.#under.delete(pts);
    if (times) this.#output.picture({ ptsMs: times.ptsMs, dtsMs: times.dtsMs, key, data }, key && times.aligned);
  }
}
