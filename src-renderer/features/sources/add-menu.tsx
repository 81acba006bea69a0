import { Plus } from 'lucide-react';
import { useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { Menu, MenuItem } from '../../ui/menu.tsx';
import { addPicture, addSourceOf } from './add.ts';
import { SOURCE_ICONS, SOURCE_KINDS } from './kinds.tsx';

export function AddSourceMenu() {
  const { t } = useTranslation();
  const picker = useRef<HTMLInputElement>(null);
  return (
    <>
      <Menu
        align="end"
        trigger={
          <button type="button" className="icon-button small" aria-label={t('sources.add')} title={t('sources.add')}>
            <Plus size={16} />
          </button>
        }
      >
        {SOURCE_KINDS.map((kind) => {
          const Icon = SOURCE_ICONS[kind];
          return (
            <MenuItem
              key={kind}
              icon={<Icon size={16} />}
              onSelect={() => (kind === 'picture' ? picker.current?.click() : addSourceOf(kind))}
            >
              {t(`sources.kind.${kind}`)}
            </MenuItem>
          );
        })}
      </Menu>
      <input
        ref={picker}
        type="file"
        accept="image/*"
        aria-label={t('sources.pictureFile')}
        hidden
        onChange={(event) => {
          const file = event.target.files?.[0];
          event.target.value = '';
          if (file) void addPicture(file);
        }}
      />
    </>
  );
}
