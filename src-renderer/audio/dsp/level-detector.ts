import { AUDIO_SAMPLE_RATE_HZ } from '../../../src-shared/units.ts';

const PART_FRAMES = 32;
/** 10 ms: half a period of 50 Hz, so that a tone has one level and not that of each of its swings */
const PARTS = 15;
export const LEVEL_HOLD_S = (PART_FRAMES * PARTS) / AUDIO_SAMPLE_RATE_HZ;

/** The largest sample of both channels in the last 10 ms: rises at once, falls when the loud part is over. */
export class LevelDetector {
  readonly #parts = new Float32Array(PARTS);
  #part = 0;
  #frames = 0;
  #held = 0;
  #current = 0;

  /** @returns linear, full scale 1 */
  next(left: number, right: number): number {
    const size = Math.max(Math.abs(left), Math.abs(right));
    if (size > this.#current) this.#current = size;
    const level = this.#current > this.#held ? this.#current : this.#held;
    if (++this.#frames === PART_FRAMES) this.#turn();
    return level;
  }

  #turn(): void {
    this.#parts[this.#part] = this.#current;
    this.#part = (this.#part + 1) % PARTS;
    this.#frames = 0;
    this.#current = 0;
    this.#held = 0;
    for (let part = 0; part < PARTS; part++) if (this.#parts[part]! > this.#held) this.#held = this.#parts[part]!;
  }
}
