import { US_PER_MS, US_PER_S } from '../../../src-shared/units.ts';

const WINDOW_US = 2 * US_PER_S;

/** Bits per second over the last two seconds. */
export class RateMeter {
  #samples: { timeUs: number; bytes: number }[] = [];

  add(timeUs: number, bytes: number): void {
    this.#samples.push({ timeUs, bytes });
    this.#forget(timeUs);
  }

  kbps(nowUs: number): number {
    this.#forget(nowUs);
    const bytes = this.#samples.reduce((sum, sample) => sum + sample.bytes, 0);
    return (bytes * 8 * US_PER_MS) / WINDOW_US;
  }

  #forget(nowUs: number): void {
    const first = this.#samples.findIndex(({ timeUs }) => timeUs > nowUs - WINDOW_US);
    if (first !== 0) this.#samples = first < 0 ? [] : this.#samples.slice(first);
  }
}
