/** The streams that are served, by name. Each exists from the moment it is configured, published or not. */
import { randomBytes } from 'node:crypto';
import type { ServerStreamStats } from '../../process/server-contract.ts';
import type { ServerLimits } from '../limits.ts';
import { LiveStream } from './live-stream.ts';

export class Hub {
  /** of this server, among those that pass streams on */
  readonly id = randomBytes(8).toString('hex');
  readonly #limits: ServerLimits;
  readonly #onIdrWanted: ((stream: string) => void) | null;
  readonly #streams = new Map<string, LiveStream>();
  readonly #ticker: NodeJS.Timeout;

  constructor(limits: ServerLimits, onIdrWanted: ((stream: string) => void) | null) {
    this.#limits = limits;
    this.#onIdrWanted = onIdrWanted;
    this.#ticker = setInterval(() => {
      for (const stream of this.#streams.values()) stream.tick();
    }, 1_000);
  }

  /** Serves exactly these streams; the others' publishers and viewers are let go. */
  serve(names: readonly string[]): void {
    for (const [name, stream] of this.#streams) {
      if (names.includes(name)) continue;
      this.#streams.delete(name);
      stream.close();
    }
    for (const name of names) {
      if (!this.#streams.has(name)) this.#streams.set(name, this.#create(name));
    }
  }

  #create(name: string): LiveStream {
    const onIdrWanted = this.#onIdrWanted;
    return new LiveStream(name, this.#limits, onIdrWanted && (() => onIdrWanted(name)));
  }

  stream(name: string): LiveStream | null {
    return this.#streams.get(name) ?? null;
  }

  get all(): readonly LiveStream[] {
    return [...this.#streams.values()];
  }

  get viewers(): number {
    let viewers = 0;
    for (const stream of this.#streams.values()) viewers += stream.viewers;
    return viewers;
  }

  stats(): ServerStreamStats[] {
    return [...this.#streams.values()].map((stream) => stream.stats());
  }

  close(): void {
    clearInterval(this.#ticker);
    this.serve([]);
  }
}
