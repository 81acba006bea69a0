/**
 * Tells a dead connection from a slow one. A vanished peer closes nothing. Where the system tells of TCP, the peer's
 * TCP acknowledges no more; elsewhere the socket's buffer fills and takes no more. Behind a proxy TCP may well go on:
 * there a server that has always acknowledged falls silent, is asked whether it lives, and does not answer.
 */

/** Acknowledgements are overdue after so many times the data that the server has let pass before. */
const OVERDUE_GAPS = 2;
/** So many acknowledgements make a habit. */
const HABIT_ACKS = 4;
/** Between two looks: longer than this, this process or the whole machine was asleep, and the network is not to blame. */
const ASLEEP_MS = 1_000;

export interface Look {
  nowMs: number;
  sentBytes: number;
  /** what waits in this process for the socket */
  pendingBytes: number;
  /** the most that the server has let pass between two acknowledgements */
  ackGapBytes: number;
  /** null where the system does not tell */
  tcp: { deliveredBytes: number; outstandingBytes: number } | null;
}

/** ask: whether the server lives. lapsed: it does, and acknowledges no more. */
export type Verdict = 'well' | 'ask' | 'lapsed' | 'stalled';

export class StallWatch {
  readonly #stallMs: number;
  #lookedMs: number;
  /** the socket took something, or the server acknowledged something */
  #progressMs: number;
  /** the peer's TCP acknowledged something, or there was nothing to acknowledge */
  #tcpMs: number;
  #tcpBytes = 0;
  #heardMs: number;
  #askedMs: number | null = null;
  #acks = 0;
  #sentAtAckBytes = 0;

  constructor(stallMs: number, nowMs: number) {
    this.#stallMs = stallMs;
    this.#lookedMs = nowMs;
    this.#progressMs = nowMs;
    this.#tcpMs = nowMs;
    this.#heardMs = nowMs;
  }

  /** The socket has taken bytes, or begins to have some to take. */
  progress(nowMs: number): void {
    this.#progressMs = nowMs;
  }

  /** The server has sent something, whatever it is. */
  heard(nowMs: number): void {
    this.#heardMs = nowMs;
  }

  acknowledged(sentBytes: number, nowMs: number): void {
    this.#acks += 1;
    this.#sentAtAckBytes = sentBytes;
    this.#progressMs = nowMs;
    this.#heardMs = nowMs;
    this.#askedMs = null;
  }

  look(now: Look): Verdict {
    this.#forgiveSleep(now.nowMs);
    if (this.#isStuck(now)) return 'stalled';
    return this.#isOverdue(now) ? this.#judgeSilence(now.nowMs) : 'well';
  }

  #forgiveSleep(nowMs: number): void {
    const sleptMs = nowMs - this.#lookedMs;
    this.#lookedMs = nowMs;
    if (sleptMs < ASLEEP_MS) return;
    // what has happened since the awakening lies after the sleep already
    const forgiven = (sinceMs: number) => Math.min(nowMs, sinceMs + sleptMs);
    this.#progressMs = forgiven(this.#progressMs);
    this.#tcpMs = forgiven(this.#tcpMs);
    this.#heardMs = forgiven(this.#heardMs);
    if (this.#askedMs !== null) this.#askedMs = forgiven(this.#askedMs);
  }

  #isStuck({ nowMs, pendingBytes, tcp }: Look): boolean {
    if (!tcp) return pendingBytes > 0 && nowMs - this.#progressMs > this.#stallMs;
    if (tcp.outstandingBytes === 0 || tcp.deliveredBytes > this.#tcpBytes) this.#tcpMs = nowMs;
    this.#tcpBytes = tcp.deliveredBytes;
    return nowMs - this.#tcpMs > this.#stallMs;
  }

  #isOverdue({ sentBytes, ackGapBytes }: Look): boolean {
    return this.#acks >= HABIT_ACKS && sentBytes - this.#sentAtAckBytes > OVERDUE_GAPS * ackGapBytes;
  }

  #judgeSilence(nowMs: number): Verdict {
    if (this.#askedMs !== null && this.#heardMs > this.#askedMs) {
      this.#acks = 0;
      this.#askedMs = null;
      return 'lapsed';
    }
    const halfMs = this.#stallMs / 2;
    if (this.#askedMs !== null) return nowMs - this.#askedMs > halfMs ? 'stalled' : 'well';
    if (nowMs - this.#heardMs <= halfMs) return 'well';
    this.#askedMs = nowMs;
    return 'ask';
  }
}
