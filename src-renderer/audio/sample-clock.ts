/**
 * When the audio context's samples were made. The audio thread renders in bursts and wakes us late, never early, so the
 * earliest arrivals of each window are the truth; the clock of the sound card drifts, so the line follows them slowly.
 */
import { AUDIO_SAMPLE_RATE_HZ, US_PER_S } from '../../src-shared/units.ts';

const WINDOW_US = 500_000;
/** for the first windows the earliest arrival counts at once */
const SETTLE_US = 2_000_000;
/** beyond this slewing would take too long */
const STEP_ABOVE_US = 50_000;
/** a starved audio thread catches up again: only what stays so long was a pause of the context */
const PAUSE_WINDOWS = 4;
const PAUSE_US = 500_000;
/** more than any clock drifts: Chromium's stand-in for a missing sound card was measured at -1,365 ppm */
const SLEW_US_PER_S = 1_500;

export class SampleClock {
  #firstUs: number | null = null;
  #lastUs = 0;
  #windowEndUs = 0;
  #windowMinUs = Number.POSITIVE_INFINITY;
  #targetUs = 0;
  #originUs = Number.NaN;
  #lateWindows = 0;

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
      this.#stepTo(candidateUs);
    }
    this.#windowMinUs = Math.min(this.#windowMinUs, candidateUs);
    if (nowUs < this.#firstUs + SETTLE_US && this.#windowMinUs < this.#originUs) this.#stepTo(this.#windowMinUs);
    if (nowUs >= this.#windowEndUs) this.#endWindow(nowUs);
    const limitUs = (SLEW_US_PER_S * (nowUs - this.#lastUs)) / US_PER_S;
    this.#originUs += Math.max(-limitUs, Math.min(limitUs, this.#targetUs - this.#originUs));
    this.#lastUs = nowUs;
  }

  #endWindow(nowUs: number): void {
    const earliestUs = this.#windowMinUs;
    const lateUs = earliestUs - this.#originUs;
    this.#windowMinUs = Number.POSITIVE_INFINITY;
    this.#windowEndUs = nowUs + WINDOW_US;
    this.#lateWindows = lateUs > STEP_ABOVE_US ? this.#lateWindows + 1 : 0;
    const isPause = lateUs > PAUSE_US || this.#lateWindows >= PAUSE_WINDOWS;
    if (isPause || lateUs < -STEP_ABOVE_US) this.#stepTo(earliestUs);
    else if (this.#lateWindows === 0) this.#targetUs = earliestUs;
  }

  #stepTo(originUs: number): void {
    this.#originUs = this.#targetUs = originUs;
    this.#lateWindows = 0;
  }
}

export function framesToUs(frames: number): number {
  return (frames * US_PER_S) / AUDIO_SAMPLE_RATE_HZ;
}
