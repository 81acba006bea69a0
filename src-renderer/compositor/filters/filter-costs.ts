/** What filters take of a picture's time: an average that forgets within a second or so. */

/** weight of the newest picture */
const NEWEST = 0.05;
/** a filter that has had nothing to do for so long costs nothing */
const VALID_MS = 5_000;

export class FilterCosts {
  readonly #costs = new Map<string, { ms: number; atMs: number }>();

  /** @param ids of the filters that one pass did, which are taken to cost the same */
  add(ids: readonly string[], ms: number, nowMs = performance.now()): void {
    for (const id of ids) {
      const before = this.#costs.get(id)?.ms;
      const share = ms / ids.length;
      this.#costs.set(id, { ms: before === undefined ? share : before + NEWEST * (share - before), atMs: nowMs });
    }
  }

  /** @returns milliseconds a picture by filter (or source, for what its pictures' way in and out takes) */
  all(nowMs = performance.now()): Map<string, number> {
    for (const [id, { atMs }] of this.#costs) if (nowMs - atMs > VALID_MS) this.#costs.delete(id);
    return new Map([...this.#costs].map(([id, { ms }]) => [id, ms]));
  }
}
