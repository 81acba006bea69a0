/**
 * How far the server's wall clock is from ours, by its reports: as NTP does, from when bytes were sent, when the server had
 * them, when it said so and when that came. The quickest way there and back counts, since what waits makes one longer than
 * the other.
 * @see RFC 5905, 8
 */

export interface ClockSample {
  /** from our sending to the server's having it, by both clocks */
  thereMs: number;
  /** from the server's sending to our having it, likewise */
  backMs: number;
  /** when it came, by our clock; the server's Unix time when it was sent, and ours when it came */
  nowMs: number;
  serverUnixMs: number;
  unixMs: number;
}

/** clocks drift, and may be set */
const VALID_MS = 30_000;

export class ServerClock {
  #best: { tookMs: number; aheadMs: number; atMs: number } | null = null;

  /** What to add to our Unix time to get the server's; null: not known. */
  get aheadMs(): number | null {
    return this.#best?.aheadMs ?? null;
  }

  add({ thereMs, backMs, nowMs, serverUnixMs, unixMs }: ClockSample): void {
    const tookMs = thereMs + backMs; // the clocks' difference is in both, once to be added and once to be taken away
    if (this.#best && tookMs > this.#best.tookMs && nowMs - this.#best.atMs < VALID_MS) return;
    this.#best = { tookMs, aheadMs: serverUnixMs + tookMs / 2 - unixMs, atMs: nowMs };
  }
}
