/** Bits per second over the last few seconds, without a timer. */

const SLOT_MS = 500;
const SLOTS = 6;

export class RateMeter {
  readonly #bytes = new Array<number>(SLOTS).fill(0);
  #slot = 0;
  #startedAtMs: number | null = null;

  add(nowMs: number, bytes: number): void {
    this.#startedAtMs ??= nowMs;
    this.#advance(nowMs);
    this.#bytes[this.#slot % SLOTS] = (this.#bytes[this.#slot % SLOTS] ?? 0) + bytes;
  }

  kbps(nowMs: number): number {
    if (this.#startedAtMs === null) return 0;
    this.#advance(nowMs);
    const coveredMs = Math.min(nowMs - this.#startedAtMs, (SLOTS - 1) * SLOT_MS + (nowMs % SLOT_MS));
    const bytes = this.#bytes.reduce((sum, count) => sum + count, 0);
    return Math.round((bytes * 8) / Math.max(coveredMs, SLOT_MS));
  }

  #advance(nowMs: number): void {
    const slot = Math.floor(nowMs / SLOT_MS);
    for (let passed = Math.max(this.#slot + 1, slot - SLOTS + 1); passed <= slot; passed += 1) this.#bytes[passed % SLOTS] = 0;
    this.#slot = slot;
  }
}
