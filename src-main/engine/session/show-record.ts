/** A show's row in the history. It is a record, not a condition: a show goes on without it, and nothing here rejects. */
import type { PublisherStatus } from '../../../src-shared/domain/index.ts';
import type { Log } from '../log.ts';
import type { Store } from '../store/store.ts';

export class ShowRecord {
  readonly #sessions: Store['sessions'];
  readonly #log: Pick<Log, 'warn'>;
  /** null when there is none */
  readonly #id: Promise<number | null>;

  /** @param live at least one destination is not the rehearsal */
  constructor({ sessions }: Store, log: Pick<Log, 'warn'>, live: boolean) {
    this.#sessions = sessions;
    this.#log = log;
    this.#id = sessions.begin({ startedAtMs: Date.now(), live }).then(
      ({ id }) => id,
      (error: unknown) => this.#complain(error),
    );
  }

  /** With what each connection came to. */
  async end(publishers: readonly PublisherStatus[]): Promise<void> {
    const endedAtMs = Date.now();
    const id = await this.#id;
    if (id === null) return;
    const metrics = { publishers: publishers.map(({ destinationId, stats }) => ({ destinationId, ...stats })) };
    await this.#sessions.update(id, { endedAtMs, metrics }).catch((error: unknown) => this.#complain(error));
  }

  #complain(error: unknown): null {
    this.#log.warn(`session: no history: ${String(error)}`);
    return null;
  }
}
