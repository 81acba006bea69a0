import { Plus } from 'lucide-react';
import { Fragment } from 'react';
import { useTranslation } from 'react-i18next';
import type { FilterKind, SourceId } from '../../../src-shared/domain/index.ts';
import { Menu, MenuItem, MenuLine } from '../../ui/menu.tsx';
import { addFilter } from './filter-actions.ts';
import { FILTER_ICONS } from './filter-icons.tsx';

/** What people come for first, first. */
const GROUPS: readonly (readonly FilterKind[])[] = [
  ['colour', 'lut'],
  ['chromaKey', 'colourKey', 'lumaKey', 'mask'],
  ['denoise', 'temporalDenoise', 'sharpen', 'blur'],
  ['crop', 'watermark', 'scroll', 'delay'],
];

export function AddFilterMenu({ sourceId }: { sourceId: SourceId }) {
  const { t } = useTranslation();
  return (
    <Menu
      align="end"
      trigger={
        <button type="button" className="icon-button small" aria-label={t('filters.add')} title={t('filters.add')}>
          <Plus size={16} />
        </button>
      }
    >
      {GROUPS.map((kinds, index) => (
        <Fragment key={kinds[0]}>
          {index > 0 && <MenuLine />}
          {kinds.map((kind) => {
            const Icon = FILTER_ICONS[kind];
            return (
              <MenuItem key={kind} icon={<Icon size={15} />} onSelect={() => addFilter(sourceId, kind)}>
                {t(`filters.kind.${kind}`)}
              </MenuItem>
            );
          })}
        </Fragment>
      ))}
    </Menu>
  );
}
