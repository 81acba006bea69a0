/** Whoever opens, disposes. Disposal is idempotent. Works without the global `Symbol.dispose` of new runtimes. */
export interface Disposable {
  dispose(): void;
}

export type Unsubscribe = () => void;

/** A typed multicast event; a listener that throws does not silence the others. */
export class Emitter<T> {
  readonly #listeners = new Set<(value: T) => void>();

  on(listener: (value: T) => void): Unsubscribe {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  emit(value: T): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener(value);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }

  get listenerCount(): number {
    return this.#listeners.size;
  }
}
