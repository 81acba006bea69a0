/**
 * One direction of a link: a bounded buffer that a trace empties, then a delay. Pure: whoever holds it has the clock.
 * As in mahimahi, an opportunity carries up to 1,500 bytes of what waits, whole packets or parts; what it does not use is lost.
 */
import { type LinkTrace, OPPORTUNITY_BYTES, TraceCursor } from '../../../src-main/engine/link/trace.ts';

export interface LinkDirection {
  /** each way, without what waits in the buffer */
  delayMs: number;
  /** what does not fit is lost, the newest first */
  bufferBytes: number;
  /** lost on the way, at random, 0 to 100 */
  lossPct: number;
}

export interface LinkQueueCounts {
  offeredPackets: number;
  /** lost because the buffer was full */
  overflowedPackets: number;
  /** lost at random, or in an outage */
  lostPackets: number;
  carriedBytes: number;
}

interface Waiting<P> {
  packet: P;
  bytesLeft: number;
}

interface Flying<P> {
  packet: P;
  dueMs: number;
}

export class LinkQueue<P extends { readonly length: number }> {
  readonly counts: LinkQueueCounts = { offeredPackets: 0, overflowedPackets: 0, lostPackets: 0, carriedBytes: 0 };
  readonly #direction: LinkDirection;
  readonly #random: () => number;
  #waiting: Waiting<P>[] = [];
  #flying: Flying<P>[] = [];
  #bufferedBytes = 0;
  /** null: nothing limits the rate */
  #cursor: TraceCursor | null = null;
  #traceStartMs = 0;
  #isCut = false;

  constructor(direction: LinkDirection, random: () => number = Math.random) {
    this.#direction = direction;
    this.#random = random;
  }

  get bufferedBytes(): number {
    return this.#bufferedBytes;
  }

  /** From now on the trace decides what gets through; null lifts the limit. */
  follow(trace: LinkTrace | null, nowMs: number): void {
    this.#traceStartMs = nowMs;
    this.#cursor = trace && new TraceCursor(trace);
    if (!trace) for (const { packet } of this.#waiting.splice(0)) this.#depart(packet, nowMs);
  }

  /** While cut, all that comes is lost, and what waits stays. */
  cut(isCut: boolean): void {
    this.#isCut = isCut;
  }

  offer(packet: P, nowMs: number): void {
    const { bufferBytes, lossPct } = this.#direction;
    this.counts.offeredPackets += 1;
    if (this.#isCut || this.#random() * 100 < lossPct) {
      this.counts.lostPackets += 1;
      return;
    }
    if (!this.#cursor) return this.#depart(packet, nowMs);
    this.#use(nowMs);
    if (this.#bufferedBytes + packet.length > bufferBytes) {
      this.counts.overflowedPackets += 1;
      return;
    }
    this.#waiting.push({ packet, bytesLeft: packet.length });
    this.#bufferedBytes += packet.length;
  }

  /** @returns the packets that have arrived by now, in order */
  take(nowMs: number): P[] {
    this.#use(nowMs);
    const later = this.#flying.findIndex(({ dueMs }) => dueMs > nowMs);
    return this.#flying.splice(0, later < 0 ? this.#flying.length : later).map(({ packet }) => packet);
  }

  /** When there is next something to do; infinite while nothing is on its way. */
  get nextMs(): number {
    const dueMs = this.#flying[0]?.dueMs ?? Number.POSITIVE_INFINITY;
    if (!this.#cursor || this.#waiting.length === 0 || this.#isCut) return dueMs;
    return Math.min(dueMs, this.#traceStartMs + this.#cursor.nextMs);
  }

  /** Lets the opportunities up to now carry what waits, each at its own time. */
  #use(nowMs: number): void {
    const cursor = this.#cursor;
    if (!cursor) return;
    while (this.#traceStartMs + cursor.nextMs <= nowMs) {
      const atMs = this.#traceStartMs + cursor.nextMs;
      const opportunities = cursor.take(cursor.nextMs);
      if (!this.#isCut) this.#carry(opportunities * OPPORTUNITY_BYTES, atMs);
    }
  }

  #carry(bytes: number, atMs: number): void {
    let left = bytes;
    while (left > 0) {
      const head = this.#waiting[0];
      if (!head) return;
      const part = Math.min(left, head.bytesLeft);
      head.bytesLeft -= part;
      left -= part;
      this.#bufferedBytes -= part;
      if (head.bytesLeft > 0) return;
      this.#waiting.shift();
      this.#depart(head.packet, atMs);
    }
  }

  #depart(packet: P, atMs: number): void {
    this.counts.carriedBytes += packet.length;
    this.#flying.push({ packet, dueMs: atMs + this.#direction.delayMs });
  }
}
