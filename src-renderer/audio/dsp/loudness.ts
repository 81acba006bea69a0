/**
 * Loudness in LUFS: K-weighting, mean squares of 10 ms, momentary over 400 ms, short-term over 3 s, and gated over all.
 * @see ITU-R BS.1770-4, annex 1; EBU Tech 3341 (2016) for the time scales
 */
import { AUDIO_SAMPLE_RATE_HZ } from '../../../src-shared/units.ts';
import { Biquad, type BiquadCoefficients } from './biquad.ts';
import { BLOCK_FRAMES } from './processor.ts';

export const SILENCE_LUFS = -120;

/** BS.1770-4, tables 1 and 2, for 48 kHz: the head, then the high-pass. */
const HEAD: BiquadCoefficients = {
  b0: 1.53512485958697,
  b1: -2.69169618940638,
  b2: 1.19839281085285,
  a1: -1.69065929318241,
  a2: 0.73248077421585,
};
const HIGH_PASS: BiquadCoefficients = { b0: 1, b1: -2, b2: 1, a1: -1.99004745483398, a2: 0.99007225036621 };

const STEP_FRAMES = AUDIO_SAMPLE_RATE_HZ / 100;
const MOMENTARY_STEPS = 40;
const SHORT_TERM_STEPS = 300;
/** blocks of 400 ms overlap by three quarters */
const GATING_STEPS = 10;
const ABSOLUTE_GATE_LUFS = -70;
const RELATIVE_GATE_LU = -10;
/** Blocks are counted by loudness, since a show has no end that could be foreseen. */
const BIN_LU = 0.05;
const BINS = 1_700;

export class LoudnessMeter {
  readonly #weights: readonly number[];
  readonly #heads: Biquad[];
  readonly #highPasses: Biquad[];
  readonly #scratch = new Float32Array(BLOCK_FRAMES);
  /** mean squares of the last 3 s, weighted and summed over channels */
  readonly #steps = new Float64Array(SHORT_TERM_STEPS);
  readonly #counts = new Float64Array(BINS);
  readonly #energies = new Float64Array(BINS);
  #step = 0;
  #stepsDone = 0;
  #sum = 0;
  #frames = 0;
  #integratedLufs = SILENCE_LUFS;
  #resetWanted = false;

  /** @param weights one a channel: 1 for left, right and centre, 1.41 for those behind */
  constructor(weights: readonly number[] = [1, 1]) {
    this.#weights = weights;
    this.#heads = weights.map(() => new Biquad(HEAD));
    this.#highPasses = weights.map(() => new Biquad(HIGH_PASS));
  }

  /** Takes a block of at most 128 frames. @returns whether 10 ms have become full */
  add(channels: readonly Float32Array[]): boolean {
    const frames = channels[0]!.length;
    // where the 10 ms end within the block, the rest counts for the next
    const cut = Math.min(frames, STEP_FRAMES - this.#frames);
    let rest = 0;
    const scratch = frames === BLOCK_FRAMES ? this.#scratch : this.#scratch.subarray(0, frames);
    for (let channel = 0; channel < this.#weights.length; channel++) {
      scratch.set(channels[channel]!);
      this.#heads[channel]!.process(scratch);
      this.#highPasses[channel]!.process(scratch);
      this.#sum += this.#weights[channel]! * squares(scratch, 0, cut);
      rest += this.#weights[channel]! * squares(scratch, cut, frames);
    }
    this.#frames += cut;
    if (this.#frames < STEP_FRAMES) return false;
    this.#endStep();
    this.#sum = rest;
    this.#frames = frames - cut;
    return true;
  }

  /** over the last 400 ms */
  get momentaryLufs(): number {
    return lufs(this.#mean(MOMENTARY_STEPS));
  }

  /** over the last 3 s */
  get shortTermLufs(): number {
    return lufs(this.#mean(SHORT_TERM_STEPS));
  }

  /** over all since the beginning or the last `restart`, without its pauses */
  get integratedLufs(): number {
    return this.#integratedLufs;
  }

  /** The integrated loudness begins anew. */
  restart(): void {
    this.#resetWanted = true;
  }

  #mean(steps: number): number {
    let sum = 0;
    for (let back = 1; back <= steps; back++) sum += this.#steps[(this.#step - back + SHORT_TERM_STEPS) % SHORT_TERM_STEPS]!;
    return sum / steps;
  }

  #endStep(): void {
    this.#steps[this.#step] = this.#sum / STEP_FRAMES;
    this.#step = (this.#step + 1) % SHORT_TERM_STEPS;
    this.#stepsDone++;
    this.#integrate();
  }

  #integrate(): void {
    if (this.#resetWanted) {
      this.#counts.fill(0);
      this.#energies.fill(0);
      this.#stepsDone = 0;
      this.#resetWanted = false;
      this.#integratedLufs = SILENCE_LUFS;
    }
    if (this.#stepsDone < MOMENTARY_STEPS || this.#stepsDone % GATING_STEPS > 0) return;
    const energy = this.#mean(MOMENTARY_STEPS);
    const blockLufs = lufs(energy);
    if (blockLufs <= ABSOLUTE_GATE_LUFS) return;
    const bin = Math.min(BINS - 1, binOf(blockLufs));
    this.#counts[bin]!++;
    this.#energies[bin]! += energy;
    const gate = lufs(this.#meanFrom(0)) + RELATIVE_GATE_LU;
    this.#integratedLufs = lufs(this.#meanFrom(Math.max(0, binOf(gate))));
  }

  #meanFrom(firstBin: number): number {
    let energy = 0;
    let count = 0;
    for (let bin = firstBin; bin < BINS; bin++) {
      energy += this.#energies[bin]!;
      count += this.#counts[bin]!;
    }
    return count > 0 ? energy / count : 0;
  }
}

function binOf(loudness: number): number {
  return Math.floor((loudness - ABSOLUTE_GATE_LUFS) / BIN_LU);
}

function lufs(meanSquare: number): number {
  return meanSquare > 1e-12 ? -0.691 + 10 * Math.log10(meanSquare) : SILENCE_LUFS;
}

function squares(samples: Float32Array, from: number, to: number): number {
  let sum = 0;
  for (let n = from; n < to; n++) sum += samples[n]! * samples[n]!;
  return sum;
}
