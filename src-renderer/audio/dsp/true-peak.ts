import { sincKernel } from '../../../src-shared/sinc-kernel.ts';

const TAPS = 12;
const PHASES = 4;
const KERNEL = sincKernel(TAPS, PHASES);
/** the size that `next` returns belongs to the sample so long ago */
export const TRUE_PEAK_DELAY_FRAMES = TAPS / 2;

/** No signal is larger between its samples than so many times its largest sample nearby. */
export const TRUE_PEAK_BOUND = Math.max(
  ...[1, 2, 3].map((phase) => KERNEL.subarray(phase * TAPS, (phase + 1) * TAPS).reduce((sum, weight) => sum + Math.abs(weight), 0)),
);

/** The largest size of the signal at a sample and at the three places after it. @see ITU-R BS.1770-4, annex 2 */
export class TruePeak {
  /** the last samples, twice, so that they always lie in one piece */
  readonly #samples = new Float32Array(TAPS * 2);
  #at = 0;

  /** For signals that are too quiet to matter. */
  skip(sample: number): void {
    this.#samples[this.#at] = this.#samples[this.#at + TAPS] = sample;
    this.#at = (this.#at + 1) % TAPS;
  }

  next(sample: number): number {
    this.skip(sample);
    let largest = Math.abs(this.#samples[this.#at + TAPS / 2 - 1]!);
    for (let phase = 1; phase < PHASES; phase++) {
      let sum = 0;
      for (let tap = 0; tap < TAPS; tap++) sum += KERNEL[phase * TAPS + tap]! * this.#samples[this.#at + tap]!;
      if (Math.abs(sum) > largest) largest = Math.abs(sum);
    }
    return largest;
  }
}
