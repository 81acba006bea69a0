/**
 * What the server says it has received. Nothing is assumed: some servers never acknowledge, some count only
 * what is new since the last time, and some begin again early.
 * @see Adobe RTMP specification 1.0, 5.4.3
 */
const WRAP = 2 ** 32;
/** A server that acknowledges less often than every so many windows tells nothing of what waits. */
const TIMELY_WINDOWS = 4;

export class AckTracker {
  readonly #windowBytes: number;
  #ackedBytes: number | null = null;
  #longestGapBytes = 0;
  /** decided by the second acknowledgement */
  #counts: 'total' | 'increment' | null = null;

  /** @param windowBytes the window that we asked the server for */
  constructor(windowBytes: number) {
    this.#windowBytes = windowBytes;
  }

  /** Bytes the server has for certain; null while it has said nothing. */
  get ackedBytes(): number | null {
    return this.#ackedBytes;
  }

  /**
   * Bytes the server has, or is not yet due to acknowledge: on a quiet show a window takes seconds to fill, and what
   * lies in it is no sign of congestion. Null while it has said nothing.
   */
  get settledBytes(): number | null {
    return this.#ackedBytes === null ? null : this.#ackedBytes + this.#longestGapBytes;
  }

  /** The most that was sent between two acknowledgements. */
  get longestGapBytes(): number {
    return this.#longestGapBytes;
  }

  /** Whether the server keeps to the window that it was asked for, or nearly so. */
  get isTimely(): boolean {
    return this.#ackedBytes !== null && this.#longestGapBytes <= TIMELY_WINDOWS * this.#windowBytes;
  }

  /**
   * @param sequence as the server sent it, modulo 2^32
   * @param sentBytes all that we have written on this connection; more is not believed
   */
  acknowledge(sequence: number, sentBytes: number): void {
    const before = this.#ackedBytes;
    if (before === null) {
      if (sequence <= sentBytes) this.#advance(sequence);
      return;
    }
    this.#counts ??= this.#looksLikeIncrement(sequence, before) ? 'increment' : 'total';
    const total = Math.floor(before / WRAP) * WRAP + sequence;
    const candidates = this.#counts === 'total' ? [total, total + WRAP] : [before + sequence];
    const plausible = candidates.find((bytes) => bytes > before && bytes <= sentBytes);
    if (plausible !== undefined) this.#advance(plausible);
  }

  #advance(ackedBytes: number): void {
    this.#longestGapBytes = Math.max(this.#longestGapBytes, ackedBytes - (this.#ackedBytes ?? 0));
    this.#ackedBytes = ackedBytes;
  }

  /** A total grows by about a window each time; an increment stays about the same. */
  #looksLikeIncrement(sequence: number, before: number): boolean {
    const growth = sequence - before;
    return growth < this.#windowBytes / 2 && growth < before / 4;
  }
}
