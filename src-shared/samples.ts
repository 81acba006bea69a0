/** The newest values of a figure, for its percentiles. */

export class Samples {
  readonly #kept: number;
  readonly #values: number[] = [];
  #next = 0;

  /** @param kept how many of the newest values count: 300 are ten seconds at 30 frames per second */
  constructor(kept = 300) {
    this.#kept = kept;
  }

  add(value: number): void {
    this.#values[this.#next] = value;
    this.#next = (this.#next + 1) % this.#kept;
  }

  /** @returns for each share from 0 to 1 the smallest value that at least so many values do not exceed; 0 without values */
  percentiles<S extends readonly number[]>(...shares: S): { [K in keyof S]: number } {
    const sorted = this.#values.toSorted((a, b) => a - b);
    return shares.map((share) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0) as { [K in keyof S]: number };
  }
}
