/** Random numbers that a seed repeats: the same seed tries the same inputs on every machine. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** 32 bits. @see mulberry32, public domain */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  }

  /** from 0 to below `end` */
  below(end: number): number {
    return this.next() % Math.max(1, end);
  }

  /** true once in `n` */
  oneIn(n: number): boolean {
    return this.below(n) === 0;
  }

  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)] as T;
  }

  bytes(count: number): Uint8Array {
    return Uint8Array.from({ length: count }, () => this.next() & 0xff);
  }

  /** small mostly, now and then at an edge of what its bits can hold */
  edgy(bits: 8 | 16 | 24 | 32): number {
    const max = 2 ** bits - 1;
    return this.oneIn(3)
      ? this.pick([0, 1, 2, 127, 128, 255, max >> 1, (max >> 1) + 1, max - 1, max])
      : this.below(this.pick([4, 300, max]));
  }
}
