import { useSortable } from '@dnd-kit/sortable';
import { CSS } from '@dnd-kit/utilities';
import { ChevronDown, ChevronRight, Trash2 } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Filter, SourceId } from '../../../src-shared/domain/index.ts';
import { IconButton } from '../../ui/button.tsx';
import { Switch } from '../../ui/fields.tsx';
import { useMedia } from '../stage/media.ts';
import { changeFilter, filterName, removeFilter, useFilters } from './filter-actions.ts';
import { FilterForm } from './filter-form.tsx';
import { FILTER_ICONS } from './filter-icons.tsx';

export function FilterRow({ filter, sourceId }: { filter: Filter; sourceId: SourceId }) {
  const { t } = useTranslation();
  const isOpen = useFilters(({ openId }) => openId === filter.id);
  const sortable = useSortable({ id: filter.id });
  const Icon = FILTER_ICONS[filter.kind];
  const name = filterName(filter);
  const Chevron = isOpen ? ChevronDown : ChevronRight;
  return (
    <li
      ref={sortable.setNodeRef}
      style={{ transform: CSS.Translate.toString(sortable.transform), transition: sortable.transition }}
      data-dragging={sortable.isDragging || undefined}
    >
      <div className="list-row filter-row" data-dimmed={!filter.enabled || undefined}>
        <button
          type="button"
          className="list-main"
          {...sortable.attributes}
          {...sortable.listeners}
          role={undefined}
          aria-expanded={isOpen}
          onClick={() => useFilters.setState({ openId: isOpen ? null : filter.id })}
        >
          <Chevron size={14} aria-hidden="true" />
          <Icon size={15} aria-hidden="true" />
          <span className="truncate">{name}</span>
        </button>
        <Cost id={filter.id} enabled={filter.enabled} />
        <div className="row-tools">
          <IconButton small label={t('filters.remove')} onClick={() => removeFilter(sourceId, filter.id)}>
            <Trash2 size={14} />
          </IconButton>
        </div>
        <Switch
          label={t('filters.enable', { name })}
          checked={filter.enabled}
          onChange={(enabled) => changeFilter(sourceId, filter.id, { enabled })}
        />
      </div>
      {isOpen && <FilterForm filter={filter} sourceId={sourceId} />}
    </li>
  );
}

function Cost({ id, enabled }: { id: string; enabled: boolean }) {
  const { t, i18n } = useTranslation();
  const cost = useMedia(({ compositor }) => compositor?.filterMs[id]);
  if (cost === undefined || !enabled) return null;
  const ms = cost.toLocaleString(i18n.language, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
  return (
    <span className="filter-cost" title={t('filters.cost', { ms })}>
      {ms} ms
    </span>
  );
}
