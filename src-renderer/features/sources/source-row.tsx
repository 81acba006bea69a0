import { useSortable } from '@dnd-kit/sortable';
import { CSS } from '@dnd-kit/utilities';
import { Copy, Eye, EyeOff, Lock, LockOpen, MoreHorizontal, Pencil, RotateCw, Trash2, TriangleAlert } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { SceneId, SceneItem, SceneItemId } from '../../../src-shared/domain/index.ts';
import { IconButton } from '../../ui/button.tsx';
import { Menu, MenuItem, MenuLine } from '../../ui/menu.tsx';
import { Rename } from '../../ui/rename.tsx';
import { useFailureText } from '../activity/failure-text.ts';
import { changeItem, changeSource, removeItem } from '../collection/edits.ts';
import { edit, select, useCollection } from '../collection/store.ts';
import { useMedia } from '../stage/media.ts';
import { duplicateSelected } from './item-actions.ts';
import { SOURCE_ICONS } from './kinds.tsx';

interface Props {
  item: SceneItem;
  sceneId: SceneId;
  renaming: boolean;
  onRename: (id: SceneItemId | null) => void;
}

export function SourceRow({ item, sceneId, renaming, onRename }: Props) {
  const { t } = useTranslation();
  const source = useCollection(({ collection }) => collection?.sources.find(({ id }) => id === item.sourceId));
  const selected = useCollection(({ selectedId }) => selectedId === item.id);
  const failure = useMedia(({ sources }) => sources.get(item.sourceId)?.failure ?? null);
  const failureText = useFailureText();
  const sortable = useSortable({ id: item.id });
  if (!source) return null;
  const Icon = SOURCE_ICONS[source.kind];
  const change = (part: Partial<SceneItem>) => edit(changeItem(sceneId, item.id, part));
  return (
    <li
      ref={sortable.setNodeRef}
      style={{ transform: CSS.Translate.toString(sortable.transform), transition: sortable.transition }}
      data-dragging={sortable.isDragging || undefined}
    >
      <div className="list-row" data-selected={selected || undefined} data-dimmed={!item.visible || undefined}>
        {renaming ? (
          <Rename
            label={t('sources.rename')}
            value={source.name}
            onDone={(name) => {
              if (name) edit(changeSource(source.id, { name: name.trim() }));
              onRename(null);
            }}
          />
        ) : (
          <button
            type="button"
            className="list-main"
            {...sortable.attributes}
            {...sortable.listeners}
            role={undefined}
            aria-pressed={selected}
            onClick={() => select(item.id)}
            onDoubleClick={() => onRename(item.id)}
          >
            <Icon size={15} aria-hidden="true" />
            <span className="truncate">{source.name}</span>
            {failure && <TriangleAlert size={14} className="warn" aria-label={t('sources.failed')} />}
          </button>
        )}
        <RowTools
          item={item}
          name={source.name}
          change={change}
          onRename={() => onRename(item.id)}
          onRemove={() => edit(removeItem(sceneId, item.id))}
        />
      </div>
      {failure && (
        <div className="row-error" role="alert">
          <span>{failureText(failure)}</span>
          <button type="button" className="link" onClick={() => useMedia.getState().media?.retrySource(source.id)}>
            <RotateCw size={12} /> {t('common.retry')}
          </button>
        </div>
      )}
    </li>
  );
}

function RowTools({
  item,
  name,
  change,
  onRename,
  onRemove,
}: {
  item: SceneItem;
  name: string;
  change: (part: Partial<SceneItem>) => void;
  onRename: () => void;
  onRemove: () => void;
}) {
  const { t } = useTranslation();
  return (
    <div className="row-tools" data-keep={!item.visible || item.locked || undefined}>
      <IconButton
        small
        label={t(item.visible ? 'sources.hide' : 'sources.show', { name })}
        aria-pressed={!item.visible}
        onClick={() => change({ visible: !item.visible })}
      >
        {item.visible ? <Eye size={15} /> : <EyeOff size={15} />}
      </IconButton>
      <IconButton
        small
        label={t(item.locked ? 'sources.unlock' : 'sources.lock', { name })}
        aria-pressed={item.locked}
        onClick={() => change({ locked: !item.locked })}
      >
        {item.locked ? <Lock size={15} /> : <LockOpen size={15} />}
      </IconButton>
      <Menu
        align="end"
        trigger={
          <button type="button" className="icon-button small" aria-label={t('common.more', { name })}>
            <MoreHorizontal size={15} />
          </button>
        }
      >
        <MenuItem icon={<Pencil size={15} />} onSelect={onRename}>
          {t('common.rename')}
        </MenuItem>
        <MenuItem
          icon={<Copy size={15} />}
          end="Ctrl+D"
          onSelect={() => {
            select(item.id);
            duplicateSelected();
          }}
        >
          {t('common.duplicate')}
        </MenuItem>
        <MenuLine />
        <MenuItem icon={<Trash2 size={15} />} end="Del" onSelect={onRemove}>
          {t('common.remove')}
        </MenuItem>
      </Menu>
    </div>
  );
}
