/** Values of one interval, for a percentile; `take` begins the next. */
export class Samples {
  #values: number[] = [];

  add(value: number): void {
    this.#values.push(value);
  }

  /** @returns the 95th percentile since the last call, 0 without values */
  takeP95(): number {
    const sorted = this.#values.sort((a, b) => a - b);
    this.#values = [];
    return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * 0.95))] ?? 0;
  }
}
