/** What the inspector does with a source's filters. */
import i18next from 'i18next';
import { create } from 'zustand';
import { FILTERS_MAX, Filter, FilterId, type FilterKind, type Source, type SourceId } from '../../../src-shared/domain/index.ts';
import { changeFilters, copiesOf } from '../collection/edits.ts';
import { edit } from '../collection/store.ts';

/** The chain that was copied last, and which filter's settings are open. */
export const useFilters = create<{ copied: readonly Filter[] | null; openId: FilterId | null }>(() => ({ copied: null, openId: null }));

export function addFilter(sourceId: SourceId, kind: FilterKind): void {
  const filter = Filter.parse({ id: FilterId.parse(crypto.randomUUID()), kind });
  edit(changeFilters(sourceId, (filters) => [...filters, filter].slice(0, FILTERS_MAX)));
  useFilters.setState({ openId: filter.id });
}

/** A run of changes of one filter (a slider that is drawn) is one step of undo. */
export function changeFilter(sourceId: SourceId, id: FilterId, change: Record<string, unknown>): void {
  edit(
    changeFilters(sourceId, (filters) => filters.map((filter) => (filter.id === id ? ({ ...filter, ...change } as Filter) : filter))),
    `filter:${id}:${Object.keys(change).join()}`,
  );
}

export function removeFilter(sourceId: SourceId, id: FilterId): void {
  edit(changeFilters(sourceId, (filters) => filters.filter((filter) => filter.id !== id)));
}

export function copyFilters({ filters }: Source): void {
  useFilters.setState({ copied: filters });
}

/** After those that are there. */
export function pasteFilters(sourceId: SourceId): void {
  const { copied } = useFilters.getState();
  if (copied) edit(changeFilters(sourceId, (filters) => [...filters, ...copiesOf(copied)].slice(0, FILTERS_MAX)));
}

export function filterName(filter: Filter): string {
  return filter.name ?? i18next.t(`filters.kind.${filter.kind}`);
}
