/**
 * Second-order filters. Coefficients are those of the Audio EQ Cookbook, a0 being divided out.
 * @see Robert Bristow-Johnson, Audio EQ Cookbook (W3C Note, 2021)
 */
import { AUDIO_SAMPLE_RATE_HZ } from '../../../src-shared/units.ts';

/** H(z) = (b0 + b1 z⁻¹ + b2 z⁻²) / (1 + a1 z⁻¹ + a2 z⁻²) */
export interface BiquadCoefficients {
  b0: number;
  b1: number;
  b2: number;
  a1: number;
  a2: number;
}

export function peak(frequencyHz: number, gainDb: number, q: number): BiquadCoefficients {
  const a = 10 ** (gainDb / 40);
  const w = angular(frequencyHz);
  const alpha = Math.sin(w) / (2 * q);
  return normalise(1 + alpha * a, -2 * Math.cos(w), 1 - alpha * a, 1 + alpha / a, -2 * Math.cos(w), 1 - alpha / a);
}

/** @param side which end of the spectrum is lifted; the slope S is 1, the steepest without a bump */
export function shelf(side: 'low' | 'high', frequencyHz: number, gainDb: number): BiquadCoefficients {
  const a = 10 ** (gainDb / 40);
  const w = angular(frequencyHz);
  const sign = side === 'low' ? 1 : -1;
  const cos = sign * Math.cos(w);
  const root = 2 * Math.sqrt(a) * (Math.sin(w) / Math.SQRT2);
  return normalise(
    a * (a + 1 - (a - 1) * cos + root),
    sign * 2 * a * (a - 1 - (a + 1) * cos),
    a * (a + 1 - (a - 1) * cos - root),
    a + 1 + (a - 1) * cos + root,
    sign * -2 * (a - 1 + (a + 1) * cos),
    a + 1 + (a - 1) * cos - root,
  );
}

/** |H| at a frequency, in dB. */
export function responseDb({ b0, b1, b2, a1, a2 }: BiquadCoefficients, frequencyHz: number): number {
  const w = (2 * Math.PI * frequencyHz) / AUDIO_SAMPLE_RATE_HZ;
  const power = (x0: number, x1: number, x2: number) =>
    x0 * x0 + x1 * x1 + x2 * x2 + 2 * (x0 * x1 + x1 * x2) * Math.cos(w) + 2 * x0 * x2 * Math.cos(2 * w);
  return 10 * Math.log10(power(b0, b1, b2) / power(1, a1, a2));
}

/** One channel's, in transposed direct form II, whose state may stay when coefficients change. */
export class Biquad {
  coefficients: BiquadCoefficients;
  #s1 = 0;
  #s2 = 0;

  constructor(coefficients: BiquadCoefficients) {
    this.coefficients = coefficients;
  }

  /** In place. */
  process(samples: Float32Array): void {
    const { b0, b1, b2, a1, a2 } = this.coefficients;
    let s1 = this.#s1;
    let s2 = this.#s2;
    for (let n = 0; n < samples.length; n++) {
      const x = samples[n]!;
      const y = b0 * x + s1;
      s1 = b1 * x - a1 * y + s2;
      s2 = b2 * x - a2 * y;
      samples[n] = y;
    }
    // numbers too small to be normal cost a hundred times as much
    this.#s1 = Math.abs(s1) < 1e-20 ? 0 : s1;
    this.#s2 = Math.abs(s2) < 1e-20 ? 0 : s2;
  }
}

function angular(frequencyHz: number): number {
  return (2 * Math.PI * Math.min(frequencyHz, 0.499 * AUDIO_SAMPLE_RATE_HZ)) / AUDIO_SAMPLE_RATE_HZ;
}

function normalise(b0: number, b1: number, b2: number, a0: number, a1: number, a2: number): BiquadCoefficients {
  return { b0: b0 / a0, b1: b1 / a0, b2: b2 / a0, a1: a1 / a0, a2: a2 / a0 };
}
