/** Peak and RMS of a stereo signal between two readings. */
import { gainToDb } from '../../src-shared/units.ts';

export interface Levels {
  peakDb: [left: number, right: number];
  rmsDb: [left: number, right: number];
}

class Channel {
  #peak = 0;
  #squares = 0;
  #count = 0;

  add(samples: Float32Array): void {
    for (const sample of samples) {
      const size = Math.abs(sample);
      if (size > this.#peak) this.#peak = size;
      this.#squares += sample * sample;
    }
    this.#count += samples.length;
  }

  take(): { peakDb: number; rmsDb: number } {
    const reading = { peakDb: gainToDb(this.#peak), rmsDb: gainToDb(this.#count ? Math.sqrt(this.#squares / this.#count) : 0) };
    this.#peak = 0;
    this.#squares = 0;
    this.#count = 0;
    return reading;
  }
}

export class LevelMeter {
  readonly #left = new Channel();
  readonly #right = new Channel();

  add(left: Float32Array, right: Float32Array): void {
    this.#left.add(left);
    this.#right.add(right);
  }

  /** the levels since the last call, in dBFS: full scale is 0, a full-scale sine has an RMS of -3.01, silence is -120 */
  take(): Levels {
    const left = this.#left.take();
    const right = this.#right.take();
    return { peakDb: [left.peakDb, right.peakDb], rmsDb: [left.rmsDb, right.rmsDb] };
  }
}
