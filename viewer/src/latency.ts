/**
 * How far the picture on the screen is behind the server: the server says when each picture came to it, the browser
 * when it shows it. The encoder's and the capture's share is not in it, and the page does not claim so.
 */

/** a picture's place in the media, and the server's wall clock when the picture came to it */
export interface TimeReference {
  timestampMs: number;
  serverTimeMs: number;
  /** when the server had it for its viewers: of a rung, once it was encoded; left out: at `serverTimeMs` */
  readyTimeMs?: number;
  /** when the server sent it on, after it waited in this viewer's queue; left out: the player does not know */
  sentTimeMs?: number;
}

const REFERENCES_MAX = 64;
const SMOOTHED_FRAMES = 15;

export class LatencyMeter {
  #references: TimeReference[] = [];
  #recent: number[] = [];

  /** References come in the order of their timestamps. */
  addReference(reference: TimeReference): void {
    this.#references.push(reference);
    if (this.#references.length > REFERENCES_MAX) this.#references.shift();
  }

  /** A picture is shown. @param shownAtMs on the server's clock */
  addFrame(mediaTimeMs: number, shownAtMs: number): void {
    const reference = this.#references.findLast(({ timestampMs }) => timestampMs <= mediaTimeMs + 1);
    if (!reference) return;
    this.#recent.push(shownAtMs - (reference.serverTimeMs + mediaTimeMs - reference.timestampMs));
    if (this.#recent.length > SMOOTHED_FRAMES) this.#recent.shift();
  }

  /** median of the last half second of pictures; null before any */
  get latencyMs(): number | null {
    const sorted = [...this.#recent].sort((a, b) => a - b);
    return sorted[sorted.length >> 1] ?? null;
  }

  reset(): void {
    this.#references = [];
    this.#recent = [];
  }
}

/** the network's usual share of the way is learned over so much of the past */
const USUAL_MS = 30_000;
/** what came late from the beginning was late all the same */
const USUAL_TRANSIT_MS = 300;
const LATELY_MS = 1_500;

/**
 * How long it was on its way, its time in this viewer's queue among it, which a slow network fills; not the time that a
 * ladder took, which a smaller rung would not mend. @param readAtMs on the server's clock
 */
export function transitMs({ serverTimeMs, readyTimeMs = serverTimeMs }: TimeReference, readAtMs: number): number {
  return readAtMs - readyTimeMs;
}

/** How long media is on its way from the server to the player, by the arrival of time references. */
export class TransitMeter {
  #transits: { atMs: number; transitMs: number }[] = [];

  /** @param transitMs from the server's having it until the player read it; by two clocks, so never quite right */
  add(atMs: number, transitMs: number): void {
    this.#transits.push({ atMs, transitMs });
    this.#transits = this.#transits.filter((transit) => atMs - transit.atMs < USUAL_MS);
  }

  /** Beyond the shortest of the last time, which is what the clocks and the network make of it at best; null without any lately. */
  lateMs(nowMs: number): number | null {
    const lately = this.#transits.filter(({ atMs }) => nowMs - atMs < LATELY_MS).map(({ transitMs }) => transitMs);
    if (lately.length === 0) return null;
    return Math.min(...lately) - Math.max(0, Math.min(...this.#transits.map(({ transitMs }) => transitMs), USUAL_TRANSIT_MS));
  }

  reset(): void {
    this.#transits = [];
  }
}

export interface Ping {
  sentAtMs: number;
  receivedAtMs: number;
  serverTimeMs: number;
}

/** What to add to our clock to get the server's, by the quickest of some pings; null without any. */
export function clockOffsetMs(pings: readonly Ping[]): number | null {
  const quickest = pings.toSorted((a, b) => a.receivedAtMs - a.sentAtMs - (b.receivedAtMs - b.sentAtMs))[0];
  return quickest ? quickest.serverTimeMs - (quickest.sentAtMs + quickest.receivedAtMs) / 2 : null;
}
