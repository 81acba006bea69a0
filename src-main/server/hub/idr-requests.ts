/** Viewers' wishes for an IDR: who asks at the same time as others, or soon after them, gets the same one. */

/** What became of a viewer's request for an IDR. cannot: the publisher has no way to hear of it, so the next one is waited for */
export type IdrAnswer = 'asked' | 'cannot' | 'not-publishing';

/** an IDR that comes so soon after it was asked for is the answer */
const ANSWERED_MS = 1_500;

export class IdrRequests {
  readonly #everyMs: number;
  readonly #ask: () => boolean;
  #askedAtMs = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | null = null;
  /** asked for, and not come yet */
  #isAwaited = false;

  /**
   * @param everyMs the quiet time after a request
   * @param ask passes it on; false: nobody is there to be asked
   */
  constructor(everyMs: number, ask: () => boolean) {
    this.#everyMs = everyMs;
    this.#ask = ask;
  }

  /** A request within the quiet time of the last is made up for at its end, unless an IDR came by itself. */
  want(): void {
    const quietMs = this.#askedAtMs + this.#everyMs - performance.now();
    if (quietMs > 0) this.#timer ??= setTimeout(() => this.#askNow(), quietMs);
    else this.#askNow();
  }

  /** An IDR is here. @returns whether it came because it was asked for */
  came(): boolean {
    this.forget();
    const isAnswer = this.#isAwaited && performance.now() - this.#askedAtMs < ANSWERED_MS;
    this.#isAwaited = false;
    return isAnswer;
  }

  /** Nobody needs the request that was put off. */
  forget(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #askNow(): void {
    this.forget();
    if (!this.#ask()) return;
    this.#askedAtMs = performance.now();
    this.#isAwaited = true;
  }
}
