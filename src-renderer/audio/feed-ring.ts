/**
 * A device's sound on its way to the audio thread, in shared memory, without locks: one writer, one reader, interleaved
 * stereo at the device's own rate. Counters run on and wrap at 2^32, so differences are taken in 32-bit arithmetic.
 */
import { AUDIO_CHANNELS } from '../../src-shared/units.ts';

/** 0.7 s at 48 kHz; a power of two, so that a wrapped counter still maps to its place */
const CAPACITY_FRAMES = 32_768;
const MASK = CAPACITY_FRAMES - 1;
const WRITTEN = 0;
const RATE_HZ = 1;
const COUNTERS_BYTES = 16;

export class FeedRing {
  readonly memory: SharedArrayBuffer;
  readonly #counters: Int32Array;
  readonly #samples: Float32Array;

  constructor(memory?: SharedArrayBuffer) {
    this.memory = memory ?? new SharedArrayBuffer(COUNTERS_BYTES + CAPACITY_FRAMES * AUDIO_CHANNELS * 4);
    this.#counters = new Int32Array(this.memory, 0, COUNTERS_BYTES / 4);
    this.#samples = new Float32Array(this.memory, COUNTERS_BYTES);
  }

  /** frames written so far */
  get written(): number {
    return Atomics.load(this.#counters, WRITTEN);
  }

  /** samples a second; 0 before the first */
  get rateHz(): number {
    return Atomics.load(this.#counters, RATE_HZ);
  }

  write(left: Float32Array, right: Float32Array, rateHz: number): void {
    const start = this.written;
    for (let n = 0; n < left.length; n++) {
      const at = ((start + n) & MASK) * AUDIO_CHANNELS;
      this.#samples[at] = left[n]!;
      this.#samples[at + 1] = right[n]!;
    }
    Atomics.store(this.#counters, RATE_HZ, rateHz);
    Atomics.store(this.#counters, WRITTEN, (start + left.length) | 0);
  }

  /** Takes out what is there, of which what is overwritten already is another's. @param first counted as `written` does */
  copy(first: number, frames: number, left: Float32Array, right: Float32Array): void {
    for (let n = 0; n < frames; n++) {
      const at = ((first + n) & MASK) * AUDIO_CHANNELS;
      left[n] = this.#samples[at]!;
      right[n] = this.#samples[at + 1]!;
    }
  }
}
