/** Things that wait for their time, oldest first. What has been passed is used again. */
export class DelayLine<T> implements Disposable {
  #waiting: { atUs: number; item: T }[] = [];
  readonly #passed: T[] = [];
  readonly #release: ((item: T) => void) | null;

  /** @param release what is done with those that have been passed; left out: `spare` gives them back */
  constructor(release: ((item: T) => void) | null = null) {
    this.#release = release;
  }

  /** one that is free again, or undefined */
  spare(): T | undefined {
    return this.#passed.pop();
  }

  push(atUs: number, item: T): void {
    const last = this.#waiting.at(-1);
    // The clock was set back, as when an encoder hands out its time: those that wait belong to another time.
    if (last && atUs <= last.atUs) this.#letGo(this.#waiting.length);
    this.#waiting.push({ atUs, item });
  }

  /** The newest that is not younger than that; the oldest there is while the line fills. Those before it are passed. */
  at(atUs: number): T {
    const due = Math.max(
      0,
      this.#waiting.findLastIndex((entry) => entry.atUs <= atUs),
    );
    this.#letGo(due);
    const [first] = this.#waiting;
    if (!first) throw new Error('nothing waits in the delay line');
    return first.item;
  }

  get length(): number {
    return this.#waiting.length;
  }

  [Symbol.dispose](): void {
    this.#letGo(this.#waiting.length);
    this.#passed.length = 0;
  }

  #letGo(count: number): void {
    for (const { item } of this.#waiting.splice(0, count)) {
      if (this.#release) this.#release(item);
      else this.#passed.push(item);
    }
  }
}
