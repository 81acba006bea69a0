/** Stereo resampling by very small ratios, to follow a sound card whose clock is not ours. Pure. */
import { sincKernel } from '../../src-shared/sinc-kernel.ts';

const TAPS = 16;
const PHASES = 256;
const CHANNELS = 2;

/** Row p holds the taps of a Kaiser-windowed sinc for a delay of p/PHASES samples; row 0 passes samples unchanged. */
const KERNEL = sincKernel(TAPS, PHASES);

export class DriftResampler {
  /** input not yet used up, interleaved, beginning TAPS/2 - 1 samples before the read position */
  #pending = new Float32Array((TAPS / 2 - 1) * CHANNELS);
  /** read position within a sample, 0 to 1 */
  #fraction = 0;

  /** input samples taken that have not come out yet */
  get heldSamples(): number {
    return this.#pending.length / CHANNELS - (TAPS / 2 - 1) - this.#fraction;
  }

  /**
   * Samples come out TAPS/2 samples late, since the filter looks ahead; positions are not shifted.
   * @param input interleaved stereo
   * @param stretch output samples per input sample, minus 1; within ±0.001
   * @returns interleaved stereo; its length varies by a sample around input length * (1 + stretch)
   */
  process(input: Float32Array, stretch: number): Float32Array {
    const samples = new Float32Array(this.#pending.length + input.length);
    samples.set(this.#pending);
    samples.set(input, this.#pending.length);
    const count = samples.length / CHANNELS;
    const step = 1 / (1 + stretch);
    const output = new Float32Array((Math.ceil(Math.max(0, count - TAPS + 1) / step) + 1) * CHANNELS);
    let at = 0;
    let written = 0;
    let fraction = this.#fraction;
    while (at + TAPS <= count) {
      if (fraction === 0) output.set(samples.subarray((at + TAPS / 2 - 1) * CHANNELS, (at + TAPS / 2) * CHANNELS), written);
      else interpolate(samples, at, fraction, output, written);
      written += CHANNELS;
      fraction += step;
      const whole = Math.floor(fraction);
      at += whole;
      fraction -= whole;
    }
    this.#fraction = fraction;
    this.#pending = samples.slice(at * CHANNELS);
    return output.subarray(0, written);
  }
}

function interpolate(samples: Float32Array, at: number, fraction: number, output: Float32Array, written: number): void {
  const position = fraction * PHASES;
  const row = Math.floor(position);
  const mix = position - row;
  let left = 0;
  let right = 0;
  for (let tap = 0; tap < TAPS; tap++) {
    const low = KERNEL[row * TAPS + tap]!;
    const weight = low + (KERNEL[(row + 1) * TAPS + tap]! - low) * mix;
    left += weight * samples[(at + tap) * CHANNELS]!;
    right += weight * samples[(at + tap) * CHANNELS + 1]!;
  }
  output[written] = left;
  output[written + 1] = right;
}
