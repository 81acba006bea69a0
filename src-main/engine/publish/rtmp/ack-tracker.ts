/**
 * What the server says it has received. Nothing is assumed: some servers never acknowledge, some count only
 * what is new since the last time, and some begin again early.
 * @see Adobe RTMP specification 1.0, 5.4.3
 */
const WRAP = 2 ** 32;

export class AckTracker {
  readonly #windowBytes: number;
  #ackedBytes: number | null = null;
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
   * @param sequence as the server sent it, modulo 2^32
   * @param sentBytes all that we have written on this connection; more is not believed
   */
  acknowledge(sequence: number, sentBytes: number): void {
    const before = this.#ackedBytes;
    if (before === null) {
      if (sequence <= sentBytes) this.#ackedBytes = sequence;
      return;
    }
    this.#counts ??= this.#looksLikeIncrement(sequence, before) ? 'increment' : 'total';
    const total = Math.floor(before / WRAP) * WRAP + sequence;
    const candidates = this.#counts === 'total' ? [total, total + WRAP] : [before + sequence];
    const plausible = candidates.find((bytes) => bytes > before && bytes <= sentBytes);
    if (plausible !== undefined) this.#ackedBytes = plausible;
  }

  /** A total grows by about a window each time; an increment stays about the same. */
  #looksLikeIncrement(sequence: number, before: number): boolean {
    const growth = sequence - before;
    return growth < this.#windowBytes / 2 && growth < before / 4;
  }
}
