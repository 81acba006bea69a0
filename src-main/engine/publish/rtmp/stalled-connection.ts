/** A connection that is lost but still open, since its server cannot hear yet that it is over. At most one. */
import type { Ingest } from '../../../../src-shared/domain/index.ts';
import type { RtmpConnection } from './connection.ts';

export class StalledConnection {
  #held: { connection: RtmpConnection; ingest: Ingest } | null = null;

  /** Until the same server answers again. */
  keep(connection: RtmpConnection, ingest: Ingest): void {
    this.reset();
    this.#held = { connection, ingest };
  }

  /** A server has: one that had us before lets go of that session. */
  answered(ingest: Ingest): void {
    if (this.#held?.ingest === ingest) this.reset();
  }

  reset(): void {
    this.#held?.connection.reset();
    this.#held = null;
  }
}
