/** What filters take of a picture's time: an average that forgets within a second or so. */

/** weight of the newest picture */
const NEWEST = 0.05;

export class FilterCosts {
  readonly #ms = new Map<string, number>();

  /** @param ids of the filters that one pass did, which are taken to cost the same */
  add(ids: readonly string[], ms: number): void {
    for (const id of ids) {
      const before = this.#ms.get(id);
      const share = ms / ids.length;
      this.#ms.set(id, before === undefined ? share : before + NEWEST * (share - before));
    }
  }

  /** @returns milliseconds a picture by filter (or source, for what its pictures' way in and out takes) */
  get all(): ReadonlyMap<string, number> {
    return this.#ms;
  }

  forget(ids: Iterable<string>): void {
    for (const id of ids) this.#ms.delete(id);
  }
}
