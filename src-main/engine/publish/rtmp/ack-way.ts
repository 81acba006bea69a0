/**
 * What acknowledgements alone tell of the way, where the system tells nothing of its socket. A server acknowledges when a
 * window is full, so that each says what it has at that very moment: what was sent a round trip before, and is not in it,
 * waits. Between two of them anything up to a window may have arrived unsaid.
 */
import { WayClock } from './way-clock.ts';

/** how far back the pace is measured: a few acknowledgements of 200 ms each */
const PACE_MS = 700;
/** a burst of so long ago is none of the present */
const BURST_OLD_MS = 350;

export class AckWay {
  readonly #clock: WayClock;
  /** what waited at the newest acknowledgement */
  #queueBytes = 0;

  constructor(sentBytes: number, nowMs: number) {
    this.#clock = new WayClock(sentBytes, nowMs);
  }

  /** So many bytes have been sent by now, this write included. */
  sent(totalBytes: number, nowMs: number): void {
    this.#clock.sent(totalBytes, nowMs);
  }

  /** @param totalBytes what the server has for certain; no more than was sent */
  acknowledged(totalBytes: number, nowMs: number): void {
    if (totalBytes < this.#clock.firstBytes || totalBytes <= this.#clock.arrivedBytes) return;
    this.#clock.arrived(totalBytes, nowMs, nowMs);
    this.#queueBytes = Math.max(0, this.#sentInTimeBytes(nowMs) - totalBytes);
  }

  /**
   * What has arrived by now. Behind a queue it goes on at the same pace; without one all that is sent passes. Either way
   * there is no more than what the server would have acknowledged.
   * @param dueBytes the most that it lets pass without a word
   */
  estimateBytes(nowMs: number, dueBytes: number): number {
    const { arrivedBytes, heardMs } = this.#clock;
    const bytesPerMs = this.#queueBytes > 0 ? this.#clock.bytesPerMs(PACE_MS) : null;
    const paced = bytesPerMs === null ? dueBytes : bytesPerMs * (nowMs - heardMs);
    const unsaid = Math.min(paced, dueBytes, this.#sentInTimeBytes(nowMs) - arrivedBytes);
    return arrivedBytes + Math.max(0, Math.floor(unsaid));
  }

  /** Bytes that would have arrived if nothing had waited on the way, and have not. */
  queueBytes(nowMs: number, dueBytes: number): number {
    return Math.max(0, this.#sentInTimeBytes(nowMs) - this.estimateBytes(nowMs, dueBytes));
  }

  /** The fastest that anything has been acknowledged lately. */
  burstKbps(nowMs: number): number {
    return nowMs - this.#clock.heardMs > BURST_OLD_MS ? 0 : this.#clock.burstKbps;
  }

  /** What was sent early enough to be acknowledged by now. */
  #sentInTimeBytes(nowMs: number): number {
    const { newestMs, heardMs, arrivedBytes } = this.#clock;
    return newestMs === null ? arrivedBytes : this.#clock.sentByBytes(newestMs + nowMs - heardMs);
  }
}
