/** What the filters of a source keep from picture to picture. What no picture has asked for is let go. */
export class FilterStates implements Disposable {
  readonly #kept = new Map<string, { key: string; state: Disposable; used: boolean }>();

  /** @param make when there is none yet, or one of another key */
  keep<T extends Disposable>(filterId: string, key: string, make: () => T): T {
    const kept = this.#kept.get(filterId);
    if (kept?.key === key) {
      kept.used = true;
      return kept.state as T;
    }
    kept?.state[Symbol.dispose]();
    const state = make();
    this.#kept.set(filterId, { key, state, used: true });
    return state;
  }

  /** A picture is done. */
  forgetUnused(): void {
    for (const [filterId, kept] of this.#kept) {
      if (!kept.used) {
        kept.state[Symbol.dispose]();
        this.#kept.delete(filterId);
      }
      kept.used = false;
    }
  }

  [Symbol.dispose](): void {
    for (const { state } of this.#kept.values()) state[Symbol.dispose]();
    this.#kept.clear();
  }
}
