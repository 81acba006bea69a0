/**
 * What our own server reports of what it has received (wire/rtmp/delivery-report.ts). Its clock is not ours, but the
 * quickest that anything has ever been from here to there shows how the two lie to each other: what takes longer than
 * that has waited on the way. Bytes are totals of the connection; what cannot be true is not believed.
 */
import type { DeliveryReport } from '../../../wire/rtmp/delivery-report.ts';

/** the server reports so often while something comes */
const REPORT_EVERY_MS = 100;
/** a report that is later than this has not been sent, since nothing has come: what was sent meanwhile waits */
const LATE_MS = REPORT_EVERY_MS + 60;
/** with other signs of life from the server, and no report for so long, it reports no more */
const LAPSED_MS = 1_000;
/** how far back the pace is measured */
const PACE_MS = 350;
/** the quickest is forgotten by and by: routes change, and clocks drift by a few of these. ms in a second */
const CREEP_PER_S = 0.5;
/** writes so close are one */
const SAME_MS = 4;
/** older ones than these tell no more than that something waits for long */
const SENT_MAX = 4_096;
/** a server whose clock has gone so far astray from ours has another one now */
const ASTRAY_MS = 60_000;

interface Sent {
  atMs: number;
  totalBytes: number;
}

interface Received {
  /** by the server's clock */
  arrivedMs: number;
  totalBytes: number;
}

export class ReportTracker {
  /** all that is not reported as received, and the last of before */
  #sent: Sent[];
  #received: Received[] = [];
  #heardMs = Number.NEGATIVE_INFINITY;
  /** server's time of arrival minus our time of sending, the least of late */
  #baseMs: number | null = null;

  /** @param sentBytes before this: of these there is no saying when they were sent */
  constructor(sentBytes: number, nowMs: number) {
    this.#sent = [{ atMs: nowMs, totalBytes: sentBytes }];
  }

  get receivedBytes(): number {
    return this.#received.at(-1)?.totalBytes ?? 0;
  }

  /** So many bytes have been sent by now, this write included. */
  sent(totalBytes: number, nowMs: number): void {
    const last = this.#sent.at(-1);
    if (last && this.#sent.length > 1 && nowMs - last.atMs < SAME_MS) last.totalBytes = totalBytes;
    else this.#sent.push({ atMs: nowMs, totalBytes });
    if (this.#sent.length > SENT_MAX) this.#sent.splice(1, 1);
  }

  /** @returns whether it makes sense: neither more than was sent, nor less than before, nor out of any time */
  report({ receivedBytes, arrivedMs }: DeliveryReport, sentBytes: number, nowMs: number): boolean {
    const last = this.#received.at(-1);
    if (receivedBytes > sentBytes || receivedBytes < (this.#sent[0]?.totalBytes ?? 0)) return false;
    if (last && (receivedBytes < last.totalBytes || arrivedMs < last.arrivedMs)) return false;
    const tookMs = arrivedMs - this.#sentAtMs(receivedBytes);
    if (this.#baseMs !== null && Math.abs(tookMs - this.#baseMs) > ASTRAY_MS) return false;
    const creepMs = (CREEP_PER_S * Math.min(ASTRAY_MS, nowMs - this.#heardMs)) / 1_000;
    this.#baseMs = Math.min(tookMs, this.#baseMs === null ? tookMs : this.#baseMs + creepMs);
    this.#heardMs = nowMs;
    this.#received = [...this.#received.filter((one) => arrivedMs - one.arrivedMs <= PACE_MS), { arrivedMs, totalBytes: receivedBytes }];
    const before = this.#sent.findLastIndex(({ totalBytes }) => totalBytes <= receivedBytes);
    if (before > 0) this.#sent.splice(0, before);
    return true;
  }

  /** Whether the reports are to be gone by. @param ackedBytes what the server has acknowledged since, in its other way */
  isCurrent(ackedBytes: number | null, nowMs: number): boolean {
    if (this.#baseMs === null) return false;
    return nowMs - this.#heardMs < LAPSED_MS || (ackedBytes ?? 0) <= this.receivedBytes;
  }

  /** What has arrived by now: what is reported, and on at the same pace, but for no longer than until the next report is due. */
  estimateBytes(nowMs: number): number {
    const { receivedBytes } = this;
    const onMs = Math.min(REPORT_EVERY_MS, Math.max(0, nowMs - this.#heardMs));
    const paced = receivedBytes + this.#bytesPerMs * onMs;
    return Math.max(receivedBytes, Math.floor(Math.min(paced, this.#sentByBytes(this.#reportedMs + onMs))));
  }

  /** Bytes that would have arrived if nothing had waited on the way, and have not. */
  queueBytes(nowMs: number): number {
    const lateMs = Math.max(0, nowMs - this.#heardMs - LATE_MS);
    return Math.max(0, this.#sentByBytes(this.#reportedMs + lateMs) - this.receivedBytes);
  }

  /** When the newest of what was received would have been sent, if it had not waited. Our time. */
  get #reportedMs(): number {
    return (this.#received.at(-1)?.arrivedMs ?? 0) - (this.#baseMs ?? 0);
  }

  get #bytesPerMs(): number {
    const [first] = this.#received;
    const last = this.#received.at(-1);
    return first && last && last.arrivedMs > first.arrivedMs
      ? (last.totalBytes - first.totalBytes) / (last.arrivedMs - first.arrivedMs)
      : 0;
  }

  #sentAtMs(totalBytes: number): number {
    return (this.#sent.find((one) => one.totalBytes >= totalBytes) ?? this.#sent.at(-1))?.atMs ?? 0;
  }

  #sentByBytes(atMs: number): number {
    return this.#sent.findLast((one) => one.atMs <= atMs)?.totalBytes ?? this.receivedBytes;
  }
}
