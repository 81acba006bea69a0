/**
 * When the audio context's samples were made. The audio thread renders in bursts and wakes us late, never early, so the
 * earliest arrivals of each window are the truth; the clock of the sound card drifts, so the line follows them slowly.
 */
import { AUDIO_SAMPLE_RATE_HZ, US_PER_S } from '../../src-shared/units.ts';

const WINDOW_US = 500_000;
/** for the first windows the earliest arrival counts at once */
const SETTLE_US = 2_000_000;
/** beyond this the context had been suspended */
const STEP_ABOVE_US = 50_000;
const SLEW_US_PER_S = 500;

export class SampleClock {
  #firstUs: number | null = null;
  #lastUs = 0;
  #windowEndUs = 0;
  #windowMinUs = Number.POSITIVE_INFINITY;
  #targetUs = 0;
  #originUs = Number.NaN;

  /** local time of frame 0; NaN until the first arrival */
  get originUs(): number {
    return this.#originUs;
  }

  /** @param endFrame frames rendered by now @param nowUs local time */
  add(endFrame: number, nowUs: number): void {
    const candidateUs = nowUs - framesToUs(endFrame);
    if (this.#firstUs === null) {
      this.#firstUs = this.#lastUs = nowUs;
      this.#windowEndUs = nowUs + WINDOW_US;
      this.#targetUs = this.#originUs = candidateUs;
    }
    this.#windowMinUs = Math.min(this.#windowMinUs, candidateUs);
    if (nowUs >= this.#windowEndUs) {
      this.#targetUs = this.#windowMinUs;
      this.#windowMinUs = Number.POSITIVE_INFINITY;
      this.#windowEndUs = nowUs + WINDOW_US;
    }
    this.#follow(nowUs, nowUs < this.#firstUs + SETTLE_US);
    this.#lastUs = nowUs;
  }

  #follow(nowUs: number, isSettling: boolean): void {
    if (isSettling && this.#windowMinUs < this.#originUs) this.#targetUs = this.#originUs = this.#windowMinUs;
    const errorUs = this.#targetUs - this.#originUs;
    const limitUs = (SLEW_US_PER_S * (nowUs - this.#lastUs)) / US_PER_S;
    if (Math.abs(errorUs) > STEP_ABOVE_US) this.#originUs = this.#targetUs;
    else this.#originUs += Math.max(-limitUs, Math.min(limitUs, errorUs));
  }
}

export function framesToUs(frames: number): number {
  return (frames * US_PER_S) / AUDIO_SAMPLE_RATE_HZ;
}
