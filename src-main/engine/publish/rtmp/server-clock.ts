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

/** clocks drift, and may be set: of this window and the one before it the quickest counts */
const WINDOW_MS = 15_000;
/** what a wall clock may say */
const UNIX_MAX_MS = Date.UTC(2_200, 0);

interface Best {
  tookMs: number;
  aheadMs: number;
}

export class ServerClock {
  #before: Best | null = null;
  #now: Best | null = null;
  #sinceMs = Number.NEGATIVE_INFINITY;

  /** What to add to our Unix time to get the server's; null: not known. */
  get aheadMs(): number | null {
    if (!this.#before || !this.#now) return (this.#now ?? this.#before)?.aheadMs ?? null;
    return (this.#now.tookMs <= this.#before.tookMs ? this.#now : this.#before).aheadMs;
  }

  add({ thereMs, backMs, nowMs, serverUnixMs, unixMs }: ClockSample): void {
    const tookMs = thereMs + backMs; // the clocks' difference is in both, once to be added and once to be taken away
    if (!Number.isFinite(tookMs) || !(serverUnixMs >= 0 && serverUnixMs <= UNIX_MAX_MS)) return;
    if (nowMs - this.#sinceMs >= WINDOW_MS) {
      this.#before = nowMs - this.#sinceMs < 2 * WINDOW_MS ? this.#now : null;
      this.#now = null;
      this.#sinceMs = nowMs;
    }
    if (this.#now && tookMs > this.#now.tookMs) return;
    this.#now = { tookMs, aheadMs: serverUnixMs + tookMs / 2 - unixMs };
  }
}
