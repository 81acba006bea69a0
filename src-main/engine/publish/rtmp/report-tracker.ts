/** What our own server reports of what it has received (wire/rtmp/delivery-report.ts). What cannot be true is not believed. */
import type { DeliveryReport } from '../../../wire/rtmp/delivery-report.ts';
import { ServerClock } from './server-clock.ts';
import { WayClock } from './way-clock.ts';

/** the server reports so often while something comes */
const REPORT_EVERY_MS = 100;
/** a report that is later than this has not been sent, since nothing has come: what was sent meanwhile waits */
const LATE_MS = REPORT_EVERY_MS + 60;
/** with other signs of life from the server, and no report for so long, it reports no more */
const LAPSED_MS = 1_000;
/** how far back the pace is measured */
const PACE_MS = 350;
/** a server whose clock has gone so far astray from ours has another one now */
const ASTRAY_MS = 60_000;
/** a burst of so long ago is none of the present */
const BURST_OLD_MS = 250;

export class ReportTracker {
  readonly #clock: WayClock;
  readonly #serverClock = new ServerClock();

  /** @param sentBytes before this: reports of these tell nothing of when they were sent */
  constructor(sentBytes: number, nowMs: number) {
    this.#clock = new WayClock(sentBytes, nowMs);
  }

  /** what to add to our Unix time to get the server's; null: not known */
  get serverAheadMs(): number | null {
    return this.#serverClock.aheadMs;
  }

  get receivedBytes(): number {
    return this.#clock.arrivedBytes;
  }

  /** So many bytes have been sent by now, this write included. */
  sent(totalBytes: number, nowMs: number): void {
    this.#clock.sent(totalBytes, nowMs);
  }

  /** @returns whether it tells anything: more than the last, no more than was sent, and not out of any time */
  report({ receivedBytes, arrivedMs, clock }: DeliveryReport, sentBytes: number, nowMs: number): boolean {
    const { lastArrival, firstBytes } = this.#clock;
    if (receivedBytes > sentBytes || receivedBytes < firstBytes) return false;
    if (lastArrival && (receivedBytes <= lastArrival.totalBytes || arrivedMs < lastArrival.atMs)) return false;
    if (Math.abs(this.#clock.lateMs(receivedBytes, arrivedMs)) > ASTRAY_MS) return false;
    if (clock) {
      const [thereMs, backMs] = [this.#clock.tookMs(receivedBytes, arrivedMs), nowMs - clock.sentMs];
      this.#serverClock.add({ thereMs, backMs, nowMs, serverUnixMs: clock.unixMs, unixMs: Date.now() });
    }
    this.#clock.arrived(receivedBytes, arrivedMs, nowMs);
    return true;
  }

  /** Whether the reports are to be gone by. @param ackedBytes what the server has acknowledged since, in its other way */
  isCurrent(ackedBytes: number | null, nowMs: number): boolean {
    if (this.#clock.newestMs === null) return false;
    return nowMs - this.#clock.heardMs < LAPSED_MS || (ackedBytes ?? 0) <= this.receivedBytes;
  }

  /** What has arrived by now: what is reported, and on at the same pace, but for no longer than until the next report is due. */
  estimateBytes(nowMs: number): number {
    const { newestMs, heardMs, arrivedBytes } = this.#clock;
    if (newestMs === null) return arrivedBytes;
    const onMs = Math.min(REPORT_EVERY_MS, Math.max(0, nowMs - heardMs));
    const paced = arrivedBytes + (this.#clock.bytesPerMs(PACE_MS) ?? 0) * onMs;
    return Math.max(arrivedBytes, Math.floor(Math.min(paced, this.#clock.sentByBytes(newestMs + onMs))));
  }

  /** The fastest that anything has arrived lately. */
  burstKbps(nowMs: number): number {
    return nowMs - this.#clock.heardMs > BURST_OLD_MS ? 0 : this.#clock.burstKbps;
  }

  /** Bytes that would have arrived if nothing had waited on the way, and have not. */
  queueBytes(nowMs: number): number {
    const { newestMs, heardMs, arrivedBytes } = this.#clock;
    if (newestMs === null) return 0;
    const lateMs = Math.max(0, nowMs - heardMs - LATE_MS);
    return Math.max(0, this.#clock.sentByBytes(newestMs + lateMs) - arrivedBytes);
  }
}
