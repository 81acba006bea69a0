/** A strip's filters: the chain from top to bottom, one of them open. */
import { ChevronDown, ChevronUp, Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AudioFilter, AudioInput } from '../../../src-shared/domain/index.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { Switch } from '../../ui/fields.tsx';
import { Menu, MenuItem } from '../../ui/menu.tsx';
import { changeInput } from '../collection/edits.ts';
import { edit } from '../collection/store.ts';
import { FILTER_KINDS, newFilter } from './filter-defaults.ts';
import { FilterFields } from './filter-fields.tsx';

export function FilterSheet({ input }: { input: AudioInput }) {
  const { t } = useTranslation();
  const [openId, setOpenId] = useState<string | null>(input.filters[0]?.id ?? null);
  const { filters } = input;
  const set = (next: AudioFilter[], key: string | null = null) => edit(changeInput(input.id, { filters: next }), key);
  const change = (filter: AudioFilter) =>
    set(
      filters.map((one) => (one.id === filter.id ? filter : one)),
      `filter:${filter.id}`,
    );
  const move = (from: number, to: number) => set(filters.toSpliced(from, 1).toSpliced(to, 0, filters[from] as AudioFilter));
  const add = (kind: AudioFilter['kind']) => {
    const filter = newFilter(kind);
    set([...filters, filter]);
    setOpenId(filter.id);
  };
  return (
    <div className="stack filter-sheet">
      {filters.length === 0 && <p className="hint">{t('mixer.noFilters')}</p>}
      <ol className="filter-chain" aria-label={t('mixer.filterChain')}>
        {filters.map((filter, index) => {
          const name = t(`mixer.filter.${filter.kind}`);
          return (
            <li key={filter.id} className="filter-row" data-off={!filter.enabled || undefined}>
              <div className="filter-head">
                <Switch
                  label={t('mixer.filterOn', { name })}
                  checked={filter.enabled}
                  onChange={(enabled) => change({ ...filter, enabled })}
                />
                <button
                  type="button"
                  className="filter-name grow"
                  aria-expanded={openId === filter.id}
                  onClick={() => setOpenId(openId === filter.id ? null : filter.id)}
                >
                  {name}
                </button>
                <IconButton small label={t('mixer.filterUp', { name })} disabled={index === 0} onClick={() => move(index, index - 1)}>
                  <ChevronUp size={14} />
                </IconButton>
                <IconButton
                  small
                  label={t('mixer.filterDown', { name })}
                  disabled={index === filters.length - 1}
                  onClick={() => move(index, index + 1)}
                >
                  <ChevronDown size={14} />
                </IconButton>
                <IconButton small label={t('mixer.filterRemove', { name })} onClick={() => set(filters.toSpliced(index, 1))}>
                  <Trash2 size={14} />
                </IconButton>
              </div>
              {openId === filter.id && <FilterFields filter={filter} input={input} onChange={change} />}
            </li>
          );
        })}
      </ol>
      <Menu
        trigger={
          <Button look="quiet">
            <Plus size={14} /> {t('mixer.addFilter')}
          </Button>
        }
      >
        {FILTER_KINDS.map((kind) => (
          <MenuItem key={kind} onSelect={() => add(kind)}>
            {t(`mixer.filter.${kind}`)}
          </MenuItem>
        ))}
      </Menu>
    </div>
  );
}
