/** Sound at another sample rate than the studio's, by FFmpeg's swresample, cut to an encoder's frames. */
import { AV_CHANNEL_ORDER_NATIVE, AV_SAMPLE_FMT_FLTP } from 'node-av/constants';
import { SoftwareResampleContext } from 'node-av/lib';
import { StudioError } from '../../src-shared/errors.ts';
import { AUDIO_SAMPLE_RATE_HZ } from '../../src-shared/units.ts';
import type { AudioFrame } from './audio-timeline.ts';
import { FrameCutter } from './frame-cutter.ts';

export interface SoundShape {
  sampleRateHz: number;
  channels: number;
  /** of the frames that come out */
  frameSamples: number;
}

export const channelLayout = (channels: number) => ({
  order: AV_CHANNEL_ORDER_NATIVE,
  nbChannels: channels,
  mask: channels === 1 ? 4n : 3n, // front centre; front left and right
});

/**
 * Positions that come out count samples of the new rate since the epoch. They are counted, not computed from those that come
 * in, so that no rounding adds up; the filter shifts nothing (its first sample out lies where the first one in does).
 */
export class SoundRate {
  readonly #shape: SoundShape;
  readonly #cutter: FrameCutter;
  #context: SoftwareResampleContext | null = null;
  /** where the next frame belongs, of the studio's rate */
  #nextIn = 0;
  /** where the next sample that comes out belongs, of the new rate */
  #nextOut = 0;

  constructor(shape: SoundShape) {
    this.#shape = shape;
    this.#cutter = new FrameCutter(shape.frameSamples, shape.channels);
  }

  /** whether the frames that come out have that shape */
  makes({ sampleRateHz, channels, frameSamples }: SoundShape): boolean {
    const { sampleRateHz: rateHz, channels: count, frameSamples: samples } = this.#shape;
    return rateHz === sampleRateHz && count === channels && samples === frameSamples;
  }

  /** @param frame in the channels of the shape. @throws StudioError encoder.open-failed, encoder.crashed */
  convert({ position, planes }: AudioFrame): AudioFrame[] {
    const { sampleRateHz, channels } = this.#shape;
    if (!this.#context || position !== this.#nextIn) {
      this.free(); // after a hole: what the filter holds lies before it
      this.#context = open(this.#shape);
      this.#nextOut = Math.round((position * sampleRateHz) / AUDIO_SAMPLE_RATE_HZ);
    }
    const count = planes.length / channels;
    this.#nextIn = position + count;
    return this.#run(this.#context, planes, count);
  }

  /** What the filter still holds, and a last frame that silence fills up. */
  rest(): AudioFrame[] {
    if (!this.#context) return [];
    const frames = this.#run(this.#context, null, 0);
    this.free();
    return [...frames, ...this.#cutter.rest()];
  }

  /** Idempotent. */
  free(): void {
    this.#context?.free();
    this.#context = null;
  }

  #run(context: SoftwareResampleContext, planes: Float32Array | null, count: number): AudioFrame[] {
    const { channels } = this.#shape;
    const room = context.getOutSamples(count);
    const out = new Float32Array(room * channels);
    const made = context.convertSync(planesOf(out, channels), room, planes && planesOf(planes, channels), count);
    if (made < 0) throw new StudioError('encoder.crashed', `The sound could not be brought to another rate (${made}). It is started anew.`);
    const samples = new Float32Array(made * channels);
    for (let channel = 0; channel < channels; channel += 1)
      samples.set(out.subarray(channel * room, channel * room + made), channel * made);
    const frames = this.#cutter.cut({ position: this.#nextOut, planes: samples });
    this.#nextOut += made;
    return frames;
  }
}

function planesOf(planes: Float32Array, channels: number): Buffer[] {
  const bytes = planes.byteLength / channels;
  return Array.from({ length: channels }, (_, channel) => Buffer.from(planes.buffer, planes.byteOffset + channel * bytes, bytes));
}

function open({ sampleRateHz, channels }: SoundShape): SoftwareResampleContext {
  const context = new SoftwareResampleContext();
  const layout = channelLayout(channels);
  const set = context.allocSetOpts2(layout, AV_SAMPLE_FMT_FLTP, sampleRateHz, layout, AV_SAMPLE_FMT_FLTP, AUDIO_SAMPLE_RATE_HZ);
  const status = set < 0 ? set : context.init();
  if (status >= 0) return context;
  context.free();
  throw new StudioError('encoder.open-failed', `Sound cannot be made at ${sampleRateHz} Hz (${status}). Choose 48,000 Hz in the settings.`);
}
