/** A link that sends by a trace's opportunities, behind a buffer that drops what does not fit, and then takes its delay. */
import { type LinkTrace, OPPORTUNITY_BYTES, opportunitiesUntil, opportunityTimeMs } from '../../../src-main/engine/link/trace.ts';

export interface SimLinkOptions {
  trace: LinkTrace;
  /** each way */
  delayMs: number;
  bufferBytes: number;
  /** when the trace begins; before that the link is there and has no limit */
  startMs?: number;
  /** 0 to 1: packets lost on the way, beside those that the buffer has no room for */
  lossShare?: number;
}

export interface Packet {
  /** with IP and TCP headers */
  wireBytes: number;
}

export class SimLink<P extends Packet> {
  readonly #options: SimLinkOptions;
  readonly #random: () => number;
  readonly #startMs: number;
  readonly #waiting: P[] = [];
  #head = 0;
  #headLeftBytes = 0;
  #bufferedBytes = 0;
  /** opportunities that are over */
  #used = 0;
  dropped = 0;

  constructor(options: SimLinkOptions, random: () => number) {
    this.#options = options;
    this.#random = random;
    this.#startMs = options.startMs ?? 0;
  }

  get bufferedBytes(): number {
    return this.#bufferedBytes;
  }

  /** When the next opportunity comes that something waits for. */
  get nextMs(): number {
    return this.#head < this.#waiting.length
      ? this.#startMs + opportunityTimeMs(this.#options.trace, this.#used)
      : Number.POSITIVE_INFINITY;
  }

  /**
   * A packet that the buffer has no room for is lost.
   * @param deliver is told when it arrives at the far end, where it need not wait for an opportunity
   */
  enqueue(packet: P, nowMs: number, deliver: (packet: P, atMs: number) => void): void {
    if (nowMs < this.#startMs) return deliver(packet, nowMs + this.#options.delayMs);
    const isIdle = this.#head >= this.#waiting.length;
    if (!isIdle && this.#bufferedBytes + packet.wireBytes > this.#options.bufferBytes) {
      this.dropped += 1;
      return;
    }
    if (isIdle) this.#begin(packet, nowMs);
    this.#waiting.push(packet);
    this.#bufferedBytes += packet.wireBytes;
  }

  /** Uses the opportunity of that time. @param deliver is told when each packet arrives at the far end */
  serve(nowMs: number, deliver: (packet: P, atMs: number) => void): void {
    this.#used += 1;
    let roomBytes = OPPORTUNITY_BYTES;
    while (roomBytes > 0 && this.#head < this.#waiting.length) {
      const sentBytes = Math.min(roomBytes, this.#headLeftBytes);
      roomBytes -= sentBytes;
      this.#headLeftBytes -= sentBytes;
      this.#bufferedBytes -= sentBytes;
      if (this.#headLeftBytes > 0) return;
      const packet = this.#waiting[this.#head++]!;
      this.#headLeftBytes = this.#waiting[this.#head]?.wireBytes ?? 0;
      if (this.#random() >= (this.#options.lossShare ?? 0)) deliver(packet, nowMs + this.#options.delayMs);
    }
    if (this.#head > 1_000) this.#head -= this.#waiting.splice(0, this.#head).length;
  }

  /** Opportunities that passed while nothing waited are gone; one of this very millisecond may still be used. */
  #begin(packet: P, nowMs: number): void {
    this.#used = Math.max(this.#used, opportunitiesUntil(this.#options.trace, nowMs - this.#startMs - 1));
    this.#headLeftBytes = packet.wireBytes;
  }
}
