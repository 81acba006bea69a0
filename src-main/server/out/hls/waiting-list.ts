/** Requests that wait for what is still being made (RFC 8216bis, 6.2.5.2 and 6.2.6): bounded in number and in time. */

/** `full`: too many wait already. `ended`: it will never come. */
export type Awaited = 'there' | 'late' | 'full' | 'ended';

interface Waiting {
  isThere: () => boolean;
  settle: (outcome: Awaited) => void;
}

export class WaitingList {
  readonly #max: number;
  readonly #waiting = new Set<Waiting>();
  #ended = false;

  constructor(max: number) {
    this.#max = max;
  }

  get size(): number {
    return this.#waiting.size;
  }

  /** @param signal the asker went away: settles as `ended` */
  wait(isThere: () => boolean, timeoutMs: number, signal: AbortSignal): Promise<Awaited> {
    if (isThere()) return Promise.resolve('there');
    if (this.#ended || signal.aborted) return Promise.resolve('ended');
    if (this.#waiting.size >= this.#max) return Promise.resolve('full');
    return new Promise((resolve) => {
      const waiting: Waiting = {
        isThere,
        settle: (outcome) => {
          clearTimeout(timer);
          signal.removeEventListener('abort', onAbort);
          this.#waiting.delete(waiting);
          resolve(outcome);
        },
      };
      const timer = setTimeout(() => waiting.settle('late'), timeoutMs);
      const onAbort = () => waiting.settle('ended');
      signal.addEventListener('abort', onAbort);
      this.#waiting.add(waiting);
    });
  }

  /** To be called when something was added. */
  check(): void {
    for (const waiting of [...this.#waiting]) if (waiting.isThere()) waiting.settle('there');
  }

  end(): void {
    this.#ended = true;
    for (const waiting of [...this.#waiting]) waiting.settle('ended');
  }
}
