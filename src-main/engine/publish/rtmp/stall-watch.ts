/**
 * Tells a dead connection from a slow one. A vanished peer closes nothing: the system's buffer fills and takes no
 * more, or the acknowledgements stop while megabytes still fit into that buffer.
 */

/** A server that has acknowledged so often, and then not for so many times as much data, is gone. */
const OVERDUE_GAPS = 4;

export class StallWatch {
  readonly #stallMs: number;
  #progressMs: number;
  #acks = 0;
  #ackedAtMs = 0;
  #sentAtAckBytes = 0;

  constructor(stallMs: number, nowMs: number) {
    this.#stallMs = stallMs;
    this.#progressMs = nowMs;
  }

  /** The socket has taken bytes, or begins to have some to take. */
  progress(nowMs: number): void {
    this.#progressMs = nowMs;
  }

  acknowledged(sentBytes: number, nowMs: number): void {
    this.#acks += 1;
    this.#ackedAtMs = nowMs;
    this.#sentAtAckBytes = sentBytes;
    this.#progressMs = nowMs;
  }

  /**
   * @param now.pendingBytes what waits in this process for the socket
   * @param now.ackGapBytes the most the server has let pass between two acknowledgements
   */
  isStalled(now: { nowMs: number; sentBytes: number; pendingBytes: number; ackGapBytes: number }): boolean {
    const isStuck = now.pendingBytes > 0 && now.nowMs - this.#progressMs > this.#stallMs;
    const isOverdue = now.sentBytes - this.#sentAtAckBytes > OVERDUE_GAPS * now.ackGapBytes;
    const isSilent = this.#acks >= OVERDUE_GAPS && isOverdue && now.nowMs - this.#ackedAtMs > this.#stallMs;
    return isStuck || isSilent;
  }
}
