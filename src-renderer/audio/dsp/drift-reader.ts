/** Reads a device's samples at the rate of the audio context, by a windowed sinc of 24 taps. */
import { sincKernel } from '../../../src-shared/sinc-kernel.ts';
import { AUDIO_SAMPLE_RATE_HZ } from '../../../src-shared/units.ts';
import type { FeedRing } from '../feed-ring.ts';
import { DriftLoop } from './drift-loop.ts';
import { BLOCK_FRAMES } from './processor.ts';

const TAPS = 24;
const PHASES = 256;
/** a block of a device of 192 kHz */
const SCRATCH_FRAMES = 4 * BLOCK_FRAMES + TAPS + 8;
const FADE_FRAMES = 128;

export class DriftReader {
  readonly #ring: FeedRing;
  readonly #scratch = { left: new Float32Array(SCRATCH_FRAMES), right: new Float32Array(SCRATCH_FRAMES) };
  #kernel = sincKernel(TAPS, PHASES);
  #rateHz = 0;
  #loop: DriftLoop | null = null;
  /** the ring's counter wraps: this one does not */
  #written = 0;
  #counter: number;
  #fade = 0;

  constructor(ring: FeedRing) {
    this.#ring = ring;
    this.#counter = ring.written;
  }

  /** null before the first sample */
  get loop(): DriftLoop | null {
    return this.#loop;
  }

  /** Fills both with the next samples, silence where there are none. @returns whether there was sound */
  read(left: Float32Array, right: Float32Array): boolean {
    this.#follow();
    const step = (this.#loop?.next(this.#written, left.length / AUDIO_SAMPLE_RATE_HZ) ?? 0) / AUDIO_SAMPLE_RATE_HZ;
    if (!this.#loop || step === 0) {
      left.fill(0);
      right.fill(0);
      return false;
    }
    if (this.#loop.jumped) this.#fade = 0;
    const from = this.#loop.position!;
    this.#loop.position = from + step * left.length;
    const first = Math.floor(from) - (TAPS / 2 - 1);
    const count = Math.min(SCRATCH_FRAMES, Math.ceil(step * left.length) + TAPS + 1);
    this.#ring.copy((first - this.#written + this.#counter) | 0, count, this.#scratch.left, this.#scratch.right);
    this.#interpolate(left, right, from - Math.floor(from), step);
    if (this.#fade < FADE_FRAMES) this.#fadeIn(left, right);
    return true;
  }

  /** The rate may be known late, and changes with the device. */
  #follow(): void {
    const { written, rateHz } = this.#ring;
    this.#written += (written - this.#counter) | 0;
    this.#counter = written;
    if (rateHz === this.#rateHz) return;
    this.#rateHz = rateHz;
    this.#kernel = sincKernel(TAPS, PHASES, Math.min(1, AUDIO_SAMPLE_RATE_HZ / rateHz));
    this.#loop = new DriftLoop(rateHz, TAPS / 2 + 2);
  }

  #interpolate(left: Float32Array, right: Float32Array, from: number, step: number): void {
    const kernel = this.#kernel;
    const { left: readLeft, right: readRight } = this.#scratch;
    let at = from;
    for (let n = 0; n < left.length; n++) {
      const whole = Math.floor(at);
      const place = (at - whole) * PHASES;
      const row = Math.floor(place) * TAPS;
      const mix = place - Math.floor(place);
      let sumLeft = 0;
      let sumRight = 0;
      for (let tap = 0; tap < TAPS; tap++) {
        const low = kernel[row + tap]!;
        const weight = low + (kernel[row + TAPS + tap]! - low) * mix;
        sumLeft += weight * readLeft[whole + tap]!;
        sumRight += weight * readRight[whole + tap]!;
      }
      left[n] = sumLeft;
      right[n] = sumRight;
      at += step;
    }
  }

  #fadeIn(left: Float32Array, right: Float32Array): void {
    for (let n = 0; n < left.length && this.#fade < FADE_FRAMES; n++) {
      const gain = ++this.#fade / FADE_FRAMES;
      left[n] = left[n]! * gain;
      right[n] = right[n]! * gain;
    }
  }
}
