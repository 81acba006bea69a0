/** How each source is doing, for the interface. */
import { Emitter } from '../../src-shared/disposable.ts';
import type { Source, SourceId } from '../../src-shared/domain/index.ts';
import type { SourceStatus } from './studio-media.ts';

export class SourceStatuses {
  readonly all = new Map<SourceId, SourceStatus>();
  readonly changed = new Emitter<SourceStatus>();

  /** Adds new sources and forgets those that are gone. */
  keep(sources: readonly Source[]): void {
    const kept = new Set(sources.map(({ id }) => id));
    for (const id of this.all.keys()) if (!kept.has(id)) this.all.delete(id);
    for (const { id } of sources) if (!this.all.has(id)) this.#set({ sourceId: id, phase: 'starting', sizePx: null, failure: null });
  }

  patch(id: SourceId, change: Partial<SourceStatus>): void {
    const status = this.all.get(id);
    if (status) this.#set({ ...status, ...change });
  }

  #set(status: SourceStatus): void {
    this.all.set(status.sourceId, status);
    this.changed.emit(status);
  }
}
