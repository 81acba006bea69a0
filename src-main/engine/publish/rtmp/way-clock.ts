/**
 * When bytes were sent, and when a server had them by its own clock or by ours. The quickest that anything has ever been
 * from here to there shows how the two clocks lie to each other: what takes longer than that has waited on the way.
 * Bytes are totals of the connection.
 */
/** the quickest is forgotten by and by: routes change, and clocks drift by a few of these. ms in a second */
const CREEP_PER_S = 0.5;
/** writes so close are one */
const SAME_MS = 4;
/** older ones than these tell no more than that something waits for long */
const SENT_MAX = 4_096;
/** arrivals are kept for so long … */
const KEEP_MS = 2_000;
/** … and of those that we hear of so close together only the newest: however fast a server talks, there are few */
const SAME_ARRIVAL_MS = 20;
/** the fastest is looked for over so long; a shorter time is easily measured wrong, by about so much */
const BURST_MIN_MS = 80;
const BURST_MAX_MS = 520;
const BURST_SLACK_MS = 12;

interface Mark {
  atMs: number;
  totalBytes: number;
}

interface Arrival extends Mark {
  /** when we heard of the first of those that are one: our time, whatever the server's does */
  heardMs: number;
}

export class WayClock {
  /** all that is not known to have arrived, and the last of before */
  readonly #sent: Mark[];
  readonly #arrivals: Arrival[] = [];
  #heardMs = Number.NEGATIVE_INFINITY;
  /** time of arrival minus our time of sending, the least of late */
  #baseMs: number | null = null;
  /** the fastest that what was sent just before the newest arrival has passed */
  #passedKbps = 0;

  /** @param sentBytes before this: of these there is no saying when they were sent */
  constructor(sentBytes: number, nowMs: number) {
    this.#sent = [{ atMs: nowMs, totalBytes: sentBytes }];
  }

  /** All that is known to have arrived. */
  get arrivedBytes(): number {
    return this.#arrivals.at(-1)?.totalBytes ?? 0;
  }

  /** When that became known; our time. */
  get heardMs(): number {
    return this.#heardMs;
  }

  /** When the newest of what has arrived would have been sent, if it had not waited; our time. Null: nothing has arrived. */
  get newestMs(): number | null {
    const last = this.#arrivals.at(-1);
    return last && this.#baseMs !== null ? last.atMs - this.#baseMs : null;
  }

  /** What is known of arrivals, and could be said of a new one. */
  get lastArrival(): Readonly<Mark> | null {
    return this.#arrivals.at(-1) ?? null;
  }

  /** What was sent before there was a clock. */
  get firstBytes(): number {
    return this.#sent[0]?.totalBytes ?? 0;
  }

  /** So many bytes have been sent by now, this write included. */
  sent(totalBytes: number, nowMs: number): void {
    const last = this.#sent.at(-1);
    if (last && this.#sent.length > 1 && nowMs - last.atMs < SAME_MS) last.totalBytes = totalBytes;
    else this.#sent.push({ atMs: nowMs, totalBytes });
    if (this.#sent.length > SENT_MAX) this.#sent.splice(1, 1);
  }

  /** @param atMs by the clock of whoever noted it; not before the last */
  arrived(totalBytes: number, atMs: number, nowMs: number): void {
    const tookMs = this.tookMs(totalBytes, atMs);
    const quietS = Math.min(60, (nowMs - this.#heardMs) / 1_000);
    this.#baseMs = Math.min(tookMs, this.#baseMs === null ? tookMs : this.#baseMs + CREEP_PER_S * quietS);
    this.#heardMs = nowMs;
    this.#keepArrival({ atMs, totalBytes, heardMs: nowMs });
    this.#passedKbps = this.#fastestPassed(totalBytes, atMs - this.#baseMs);
    const before = firstIndex(this.#sent, (one) => one.totalBytes > totalBytes) - 1;
    if (before > 0) this.#sent.splice(0, before);
  }

  /** From our sending to that arrival, by two clocks. */
  tookMs(totalBytes: number, atMs: number): number {
    const sent = this.#sent[firstIndex(this.#sent, (one) => one.totalBytes >= totalBytes)] ?? this.#sent.at(-1);
    return atMs - (sent?.atMs ?? 0);
  }

  /** The same without what the clocks and the empty way make of it. @returns 0 before anything has arrived */
  lateMs(totalBytes: number, atMs: number): number {
    return this.#baseMs === null ? 0 : this.tookMs(totalBytes, atMs) - this.#baseMs;
  }

  sentByBytes(atMs: number): number {
    return this.#sent[firstIndex(this.#sent, (one) => one.atMs > atMs) - 1]?.totalBytes ?? this.arrivedBytes;
  }

  /** Over the last while before the newest arrival, or since the one before where that is longer ago. @returns null where there is no saying */
  bytesPerMs(spanMs: number): number | null {
    const last = this.#arrivals.at(-1);
    const first = this.#arrivals.find((one, index, all) => index === all.length - 2 || (last && last.atMs - one.atMs <= spanMs));
    return first && last && last.atMs > first.atMs ? (last.totalBytes - first.totalBytes) / (last.atMs - first.atMs) : null;
  }

  /** The fastest that anything has arrived, in a tenth to half of a second before the newest arrival. */
  get burstKbps(): number {
    const last = this.#arrivals.at(-1);
    if (!last) return 0;
    const spans = this.#arrivals.filter(({ atMs }) => last.atMs - atMs >= BURST_MIN_MS && last.atMs - atMs <= BURST_MAX_MS);
    const rates = spans.map((one) => ((last.totalBytes - one.totalBytes) * 8) / (last.atMs - one.atMs + BURST_SLACK_MS));
    return Math.max(this.#passedKbps, ...rates);
  }

  #keepArrival(arrival: Arrival): void {
    const last = this.#arrivals.at(-1);
    if (last && arrival.heardMs - last.heardMs < SAME_ARRIVAL_MS) {
      this.#arrivals[this.#arrivals.length - 1] = { ...arrival, heardMs: last.heardMs };
      return;
    }
    this.#arrivals.push(arrival);
    while (this.#arrivals[0] && arrival.heardMs - this.#arrivals[0].heardMs > KEEP_MS) this.#arrivals.shift();
  }

  /** What was sent since a time cannot have begun to arrive before the way's own time after it. @param newestMs when the newest would have been sent, if nothing had waited */
  #fastestPassed(arrivedBytes: number, newestMs: number): number {
    let fastestKbps = 0;
    for (let index = firstIndex(this.#sent, ({ atMs }) => atMs > newestMs) - 1; index > 0; index -= 1) {
      const tookMs = newestMs - (this.#sent[index]?.atMs ?? newestMs);
      if (tookMs > BURST_MAX_MS) break;
      const bytes = arrivedBytes - (this.#sent[index - 1]?.totalBytes ?? arrivedBytes);
      fastestKbps = Math.max(fastestKbps, (bytes * 8) / (Math.max(BURST_MIN_MS, tookMs) + BURST_SLACK_MS));
    }
    return fastestKbps;
  }
}

/** Of marks in order: the first of those that are so, or how many there are. */
function firstIndex(marks: readonly Mark[], isSo: (mark: Mark) => boolean): number {
  let [from, to] = [0, marks.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (isSo(marks[middle] as Mark)) to = middle;
    else from = middle + 1;
  }
  return from;
}
