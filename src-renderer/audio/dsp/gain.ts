import type { AudioFilterOf } from '../../../src-shared/domain/audio-filter.ts';
import { AUDIO_SAMPLE_RATE_HZ, dbToGain } from '../../../src-shared/units.ts';
import type { Processor } from './processor.ts';

/** A change is spread over about this time, so that it does not click. */
const RAMP_S = 0.005;
const SHARE = Math.exp(-1 / (RAMP_S * AUDIO_SAMPLE_RATE_HZ));
const SETTLED = 1e-5;

/** A factor that glides to where it is set. */
export class Glide {
  target: number;
  #value: number;

  constructor(value: number) {
    this.target = value;
    this.#value = value;
  }

  /** At once, where nothing has been heard yet. */
  jump(): void {
    this.#value = this.target;
  }

  /** In place. */
  process(samples: Float32Array): void {
    const { target } = this;
    let value = this.#value;
    if (value === target) {
      if (value !== 1) for (let n = 0; n < samples.length; n++) samples[n] = samples[n]! * value;
      return;
    }
    for (let n = 0; n < samples.length; n++) {
      value = target + (value - target) * SHARE;
      samples[n] = samples[n]! * value;
    }
    this.#value = Math.abs(value - target) < SETTLED ? target : value;
  }
}

type Settings = AudioFilterOf<'gain'>;

export class Gain implements Processor<Settings> {
  readonly latencyFrames = 0;
  readonly #left: Glide;
  readonly #right: Glide;

  constructor({ gainDb }: Settings) {
    this.#left = new Glide(dbToGain(gainDb));
    this.#right = new Glide(dbToGain(gainDb));
  }

  set({ gainDb }: Settings): void {
    this.#left.target = this.#right.target = dbToGain(gainDb);
  }

  process(left: Float32Array, right: Float32Array): void {
    this.#left.process(left);
    this.#right.process(right);
  }
}
