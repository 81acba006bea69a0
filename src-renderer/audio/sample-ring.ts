/**
 * Interleaved stereo samples from the audio thread to the audio worker, in shared memory, without locks:
 * one writer, one reader. Counters run on and wrap at 2^32, so differences are taken in 32-bit arithmetic.
 */
import { AUDIO_CHANNELS } from '../../src-shared/units.ts';

/** 1.4 s at 48 kHz; a power of two, so that a wrapped counter still maps to its place */
const CAPACITY_FRAMES = 65_536;
const WRITTEN = 0;
const START_FRAME = 1;
const AHEAD_US = 2;
const COUNTERS_BYTES = 16;
const SILENCE = new Float32Array(0);

export class SampleRing {
  readonly memory: SharedArrayBuffer;
  /** index 0: frames written so far, which the writer notifies; index 1: the audio context's frame at the first of them */
  readonly counters: Int32Array;
  readonly #samples: Float32Array;
  #read = 0;
  #nextFrame: number | null = null;

  constructor(memory?: SharedArrayBuffer) {
    this.memory = memory ?? new SharedArrayBuffer(COUNTERS_BYTES + CAPACITY_FRAMES * AUDIO_CHANNELS * 4);
    this.counters = new Int32Array(this.memory, 0, COUNTERS_BYTES / 4);
    this.#samples = new Float32Array(this.memory, COUNTERS_BYTES);
    this.#read = Atomics.load(this.counters, WRITTEN);
  }

  /** the audio context's frame number of the ring's first */
  get startFrame(): number {
    return Atomics.load(this.counters, START_FRAME);
  }

  /** by how much samples are later than what they belong to, in microseconds */
  get aheadUs(): number {
    return Atomics.load(this.counters, AHEAD_US);
  }

  set aheadUs(value: number) {
    Atomics.store(this.counters, AHEAD_US, value);
  }

  /** frames written so far: on the reading side it may have moved on since the last `read` */
  get written(): number {
    return Atomics.load(this.counters, WRITTEN);
  }

  /** where the next `read` begins, of the frames written */
  get position(): number {
    return this.#read;
  }

  /**
   * @param contextFrame the audio context's number of the first sample. The audio thread leaves render quanta out when it
   *   starts or starves: they become silence, so that the ring's frames and the context's never part.
   */
  write(left: Float32Array, right: Float32Array, contextFrame: number): void {
    this.#nextFrame ??= this.#begin(contextFrame);
    if (contextFrame > this.#nextFrame) this.#put(contextFrame - this.#nextFrame, SILENCE, SILENCE);
    this.#put(left.length, left, right);
    this.#nextFrame = contextFrame + left.length;
  }

  #begin(contextFrame: number): number {
    Atomics.store(this.counters, START_FRAME, contextFrame - this.written);
    return contextFrame;
  }

  #put(frames: number, left: Float32Array, right: Float32Array): void {
    const start = this.written;
    for (let frame = 0; frame < frames; frame++) {
      const at = ((start + frame) & (CAPACITY_FRAMES - 1)) * AUDIO_CHANNELS;
      this.#samples[at] = left[frame] ?? 0;
      this.#samples[at + 1] = right[frame] ?? 0;
    }
    Atomics.store(this.counters, WRITTEN, (start + frames) | 0);
  }

  /**
   * @returns what was written since the last call, and how many frames were lost before it because the reader was
   *   more than a ring late
   */
  read(): { samples: Float32Array; lostFrames: number } {
    const written = this.written;
    const available = (written - this.#read) | 0;
    const lostFrames = available > CAPACITY_FRAMES ? available : 0;
    const frames = available - lostFrames;
    const samples = new Float32Array(frames * AUDIO_CHANNELS);
    for (let frame = 0; frame < frames; frame++) {
      const at = ((this.#read + frame) & (CAPACITY_FRAMES - 1)) * AUDIO_CHANNELS;
      samples[frame * 2] = this.#samples[at] ?? 0;
      samples[frame * 2 + 1] = this.#samples[at + 1] ?? 0;
    }
    this.#read = written;
    return { samples, lostFrames };
  }
}
