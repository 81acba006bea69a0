import { closestCenter, DndContext, type DragEndEvent, KeyboardSensor, PointerSensor, useSensor, useSensors } from '@dnd-kit/core';
import { SortableContext, sortableKeyboardCoordinates, verticalListSortingStrategy } from '@dnd-kit/sortable';
import { ClipboardPaste, Copy, MoreHorizontal, SplitSquareHorizontal } from 'lucide-react';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import type { Source, SourceId } from '../../../src-shared/domain/index.ts';
import { IconButton } from '../../ui/button.tsx';
import { Menu, MenuItem } from '../../ui/menu.tsx';
import { moveFilter } from '../collection/edits.ts';
import { edit } from '../collection/store.ts';
import { useMedia } from '../stage/media.ts';
import { AddFilterMenu } from './add-filter-menu.tsx';
import { copyFilters, pasteFilters, useFilters } from './filter-actions.ts';
import { FilterRow } from './filter-row.tsx';

/** The filters of the selected source, in the order in which its picture goes through them. */
export function FilterSection({ source }: { source: Source }) {
  const { t } = useTranslation();
  const { filters } = source;
  const sensors = useSensors(
    useSensor(PointerSensor, { activationConstraint: { distance: 4 } }),
    useSensor(KeyboardSensor, { coordinateGetter: sortableKeyboardCoordinates }),
  );
  const reorder = ({ active, over }: DragEndEvent) => {
    if (!over || active.id === over.id) return;
    const index = (id: unknown) => filters.findIndex((filter) => filter.id === id);
    edit(moveFilter(source.id, index(active.id), index(over.id)));
  };
  return (
    <section className="filters" aria-label={t('filters.title')}>
      <div className="filters-head">
        <h3>{t('filters.title')}</h3>
        <TotalCost source={source} />
        <CompareButton sourceId={source.id} disabled={filters.length === 0} />
        <CopyMenu source={source} />
        <AddFilterMenu sourceId={source.id} />
      </div>
      <ReliefNote hasFilters={filters.length > 0} />
      {filters.length === 0 ? (
        <p className="soft">{t('filters.empty')}</p>
      ) : (
        <DndContext sensors={sensors} collisionDetection={closestCenter} onDragEnd={reorder}>
          <SortableContext items={filters.map(({ id }) => id)} strategy={verticalListSortingStrategy}>
            <ul>
              {filters.map((filter) => (
                <FilterRow key={filter.id} filter={filter} sourceId={source.id} />
              ))}
            </ul>
          </SortableContext>
        </DndContext>
      )}
    </section>
  );
}

/** What all of them take, with the way of the picture to them and back. */
function TotalCost({ source }: { source: Source }) {
  const { t, i18n } = useTranslation();
  const costs = useMedia(({ compositor }) => compositor?.filterMs);
  const total = [source.id, ...source.filters.map(({ id }) => id)].reduce((sum, id) => sum + (costs?.[id] ?? 0), 0);
  if (total === 0) return <span className="grow" />;
  const ms = total.toLocaleString(i18n.language, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
  return (
    <span className="filter-cost grow" title={t('filters.total', { ms })}>
      {ms} ms
    </span>
  );
}

/** What is given up for the frame rate, where the user who wonders about it looks. */
function ReliefNote({ hasFilters }: { hasFilters: boolean }) {
  const { t } = useTranslation();
  const relief = useMedia(({ compositor }) => compositor?.filterRelief ?? 'none');
  if (relief === 'none' || !hasFilters) return null;
  return (
    <div className="note" role="status">
      {t(`filters.relief.${relief}`)}
    </div>
  );
}

/** Held with the pointer, Space or Enter. */
function CompareButton({ sourceId, disabled }: { sourceId: SourceId; disabled: boolean }) {
  const { t } = useTranslation();
  const bypass = (id: SourceId | null) => useMedia.getState().media?.bypassFilters(id);
  useEffect(() => () => useMedia.getState().media?.bypassFilters(null), []);
  return (
    <IconButton
      small
      label={t('filters.compare')}
      disabled={disabled}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        bypass(sourceId);
      }}
      onPointerUp={() => bypass(null)}
      onPointerCancel={() => bypass(null)}
      onKeyDown={({ key, repeat }) => (key === ' ' || key === 'Enter') && !repeat && bypass(sourceId)}
      onKeyUp={() => bypass(null)}
      onBlur={() => bypass(null)}
    >
      <SplitSquareHorizontal size={15} />
    </IconButton>
  );
}

function CopyMenu({ source }: { source: Source }) {
  const { t } = useTranslation();
  const copied = useFilters((state) => state.copied);
  return (
    <Menu
      align="end"
      trigger={
        <button type="button" className="icon-button small" aria-label={t('filters.more')} title={t('filters.more')}>
          <MoreHorizontal size={15} />
        </button>
      }
    >
      <MenuItem icon={<Copy size={15} />} disabled={source.filters.length === 0} onSelect={() => copyFilters(source)}>
        {t('filters.copy')}
      </MenuItem>
      <MenuItem icon={<ClipboardPaste size={15} />} disabled={!copied || copied.length === 0} onSelect={() => pasteFilters(source.id)}>
        {t('filters.paste')}
      </MenuItem>
    </Menu>
  );
}
