/** A delay whose length may change: the old and the new place are faded into each other over a block. */
export class Delay {
  readonly #maxFrames: number;
  #rings: [Float32Array, Float32Array] | null = null;
  #at = 0;
  #frames = 0;
  #before = 0;

  /** @param maxFrames its memory is taken when the first delay is set */
  constructor(maxFrames: number) {
    this.#maxFrames = maxFrames;
  }

  set frames(frames: number) {
    const wanted = Math.min(this.#maxFrames, Math.max(0, Math.round(frames)));
    if (wanted > 0)
      this.#rings ??= [new Float32Array(powerOfTwo(this.#maxFrames + 128)), new Float32Array(powerOfTwo(this.#maxFrames + 128))];
    this.#frames = wanted;
  }

  /** In place. */
  process(left: Float32Array, right: Float32Array): void {
    if (!this.#rings) return;
    const mask = this.#rings[0].length - 1;
    const fades = this.#before !== this.#frames;
    for (let side = 0; side < 2; side++) {
      const samples = side === 0 ? left : right;
      const ring = this.#rings[side]!;
      for (let n = 0; n < samples.length; n++) {
        const at = this.#at + n;
        ring[at & mask] = samples[n]!;
        const now = ring[(at - this.#frames) & mask]!;
        const share = (n + 1) / samples.length;
        samples[n] = fades ? now * share + ring[(at - this.#before) & mask]! * (1 - share) : now;
      }
    }
    this.#at = (this.#at + left.length) & mask;
    this.#before = this.#frames;
  }
}

function powerOfTwo(atLeast: number): number {
  return 2 ** Math.ceil(Math.log2(atLeast));
}
