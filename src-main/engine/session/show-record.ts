/** A show's row in the history. It is a record, not a condition: a show goes on without it, and nothing here rejects. */
import type { EncoderStats, PublisherStatus } from '../../../src-shared/domain/index.ts';
import type { Failure } from '../../../src-shared/errors.ts';
import type { Log } from '../log.ts';
import type { Store } from '../store/store.ts';

/** An encoder that fails all day must not make a row without end. */
const INCIDENTS_MAX = 100;

type EncoderCounts = Pick<EncoderStats, 'restarts' | 'framesLate'>;

export class ShowRecord {
  readonly #sessions: Store['sessions'];
  readonly #log: Pick<Log, 'warn'>;
  /** null when there is none */
  readonly #id: Promise<number | null>;
  readonly #incidents: { atMs: number; code: Failure['code']; message: string }[] = [];

  /** @param live at least one destination is not the rehearsal */
  constructor({ sessions }: Store, log: Pick<Log, 'warn'>, live: boolean) {
    this.#sessions = sessions;
    this.#log = log;
    this.#id = sessions.begin({ startedAtMs: Date.now(), live }).then(
      ({ id }) => id,
      (error: unknown) => this.#complain(error),
    );
  }

  /** Something failed, and the show went on. */
  note({ code, message }: Failure): void {
    if (this.#incidents.length < INCIDENTS_MAX) this.#incidents.push({ atMs: Date.now(), code, message });
  }

  /** With what each connection and the encoder came to. */
  async end(publishers: readonly PublisherStatus[], { restarts, framesLate }: EncoderCounts): Promise<void> {
    const endedAtMs = Date.now();
    const id = await this.#id;
    if (id === null) return;
    const metrics = {
      publishers: publishers.map(({ destinationId, stats }) => ({ destinationId, ...stats })),
      encoder: { restarts, framesLate },
      incidents: this.#incidents,
    };
    await this.#sessions.update(id, { endedAtMs, metrics }).catch((error: unknown) => this.#complain(error));
  }

  #complain(error: unknown): null {
    this.#log.warn(`session: no history: ${String(error)}`);
    return null;
  }
}
