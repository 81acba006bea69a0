/** Stream keys. Apart from the store, so that no database, export, log or event ever holds one. */
import type { DestinationId } from '../../src-shared/domain/index.ts';

export interface Secrets {
  get(id: DestinationId): Promise<string | null>;
  set(id: DestinationId, key: string): Promise<void>;
  /** No error when there is none. */
  delete(id: DestinationId): Promise<void>;
}

/** Keys that are gone when the process ends. */
export class MemorySecrets implements Secrets {
  readonly #keys = new Map<DestinationId, string>();

  async get(id: DestinationId): Promise<string | null> {
    return this.#keys.get(id) ?? null;
  }

  async set(id: DestinationId, key: string): Promise<void> {
    this.#keys.set(id, key);
  }

  async delete(id: DestinationId): Promise<void> {
    this.#keys.delete(id);
  }
}
