/** Cuts planar sound into frames of another size. Pure. */
import type { AudioFrame } from './audio-timeline.ts';

export class FrameCutter {
  readonly #frameSamples: number;
  readonly #channels: number;
  /** planar; what has come of the next frame */
  #planes: Float32Array;
  #filled = 0;
  /** position of its first sample */
  #position = 0;

  constructor(frameSamples: number, channels: number) {
    this.#frameSamples = frameSamples;
    this.#channels = channels;
    this.#planes = new Float32Array(frameSamples * channels);
  }

  /**
   * Frames follow each other; after one that does not, as after a stall, what was left of those before is dropped.
   * @returns frames that are the caller's
   */
  cut({ position, planes }: AudioFrame): AudioFrame[] {
    if (position !== this.#position + this.#filled) {
      this.#position = position;
      this.#filled = 0;
    }
    const count = planes.length / this.#channels;
    const frames: AudioFrame[] = [];
    for (let from = 0; from < count; ) {
      const samples = Math.min(this.#frameSamples - this.#filled, count - from);
      for (let channel = 0; channel < this.#channels; channel += 1) {
        const part = planes.subarray(channel * count + from, channel * count + from + samples);
        this.#planes.set(part, channel * this.#frameSamples + this.#filled);
      }
      from += samples;
      this.#filled += samples;
      if (this.#filled === this.#frameSamples) frames.push(this.#takeFrame());
    }
    return frames;
  }

  /** What has come of a frame that will not be filled, with silence behind it. */
  rest(): AudioFrame[] {
    return this.#filled > 0 ? [this.#takeFrame()] : [];
  }

  #takeFrame(): AudioFrame {
    const frame = { position: this.#position, planes: this.#planes };
    this.#planes = new Float32Array(this.#frameSamples * this.#channels);
    this.#position += this.#frameSamples;
    this.#filled = 0;
    return frame;
  }
}
