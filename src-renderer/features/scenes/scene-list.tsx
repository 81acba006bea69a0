import { closestCenter, DndContext, type DragEndEvent, KeyboardSensor, PointerSensor, useSensor, useSensors } from '@dnd-kit/core';
import { SortableContext, sortableKeyboardCoordinates, useSortable, verticalListSortingStrategy } from '@dnd-kit/sortable';
import { CSS } from '@dnd-kit/utilities';
import { Copy, MoreHorizontal, Pencil, Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Scene, SceneId } from '../../../src-shared/domain/index.ts';
import { IconButton } from '../../ui/button.tsx';
import { Menu, MenuItem, MenuLine } from '../../ui/menu.tsx';
import { Rename } from '../../ui/rename.tsx';
import { duplicateScene, moveScene, removeScene, renameScene } from '../collection/edits.ts';
import { cutTo, edit, useCollection } from '../collection/store.ts';
import { createScene } from './scene-actions.ts';
import { TransitionPicker } from './transition-picker.tsx';

/** Scenes; a click (or its number key) puts one on air at once. */
export function SceneList() {
  const { t } = useTranslation();
  const scenes = useCollection(({ collection }) => collection?.scenes ?? NONE);
  const sensors = useSensors(
    useSensor(PointerSensor, { activationConstraint: { distance: 4 } }),
    useSensor(KeyboardSensor, { coordinateGetter: sortableKeyboardCoordinates }),
  );
  const reorder = ({ active, over }: DragEndEvent) => {
    if (!over || active.id === over.id) return;
    const index = (id: unknown) => scenes.findIndex((scene) => scene.id === id);
    edit(moveScene(index(active.id), index(over.id)));
  };
  return (
    <section className="panel grow" aria-label={t('scenes.title')}>
      <div className="panel-head">
        <h2>{t('scenes.title')}</h2>
        <IconButton small label={t('scenes.add')} onClick={createScene}>
          <Plus size={16} />
        </IconButton>
      </div>
      <div className="list scroll grow">
        <DndContext sensors={sensors} collisionDetection={closestCenter} onDragEnd={reorder}>
          <SortableContext items={scenes.map(({ id }) => id)} strategy={verticalListSortingStrategy}>
            <ul>
              {scenes.map((scene, index) => (
                <SceneRow key={scene.id} scene={scene} number={index + 1} only={scenes.length === 1} />
              ))}
            </ul>
          </SortableContext>
        </DndContext>
      </div>
      <TransitionPicker />
    </section>
  );
}

const NONE: readonly Scene[] = [];

function SceneRow({ scene, number, only }: { scene: Scene; number: number; only: boolean }) {
  const { t } = useTranslation();
  const onProgram = useCollection(({ collection }) => collection?.programSceneId === scene.id);
  const [renaming, setRenaming] = useState(false);
  const sortable = useSortable({ id: scene.id });
  return (
    <li
      ref={sortable.setNodeRef}
      style={{ transform: CSS.Translate.toString(sortable.transform), transition: sortable.transition }}
      data-dragging={sortable.isDragging || undefined}
    >
      <div className="list-row scene" data-program={onProgram || undefined}>
        {renaming ? (
          <Rename
            label={t('scenes.rename')}
            value={scene.name}
            onDone={(name) => {
              if (name) edit(renameScene(scene.id, name));
              setRenaming(false);
            }}
          />
        ) : (
          <button
            type="button"
            className="list-main"
            {...sortable.attributes}
            {...sortable.listeners}
            role={undefined}
            aria-current={onProgram ? 'true' : undefined}
            onClick={() => void cutTo(scene.id)}
            onDoubleClick={() => setRenaming(true)}
          >
            <span className="scene-number figure" aria-hidden="true">
              {number}
            </span>
            <span className="truncate">{scene.name}</span>
          </button>
        )}
        <SceneTools scene={scene} only={only} onRename={() => setRenaming(true)} />
      </div>
    </li>
  );
}

function SceneTools({ scene, only, onRename }: { scene: Scene; only: boolean; onRename: () => void }) {
  const { t } = useTranslation();
  const remove = async (id: SceneId) => {
    const { collection } = useCollection.getState();
    const index = collection?.scenes.findIndex((one) => one.id === id) ?? -1;
    const neighbour = collection?.scenes[index + 1] ?? collection?.scenes[index - 1];
    if (collection?.programSceneId === id && neighbour) await cutTo(neighbour.id);
    edit(removeScene(id));
  };
  return (
    <div className="row-tools">
      <Menu
        align="end"
        trigger={
          <button type="button" className="icon-button small" aria-label={t('common.more', { name: scene.name })}>
            <MoreHorizontal size={15} />
          </button>
        }
      >
        <MenuItem icon={<Pencil size={15} />} onSelect={onRename}>
          {t('common.rename')}
        </MenuItem>
        <MenuItem icon={<Copy size={15} />} onSelect={() => edit(duplicateScene(scene.id))}>
          {t('common.duplicate')}
        </MenuItem>
        <MenuLine />
        <MenuItem icon={<Trash2 size={15} />} disabled={only} onSelect={() => void remove(scene.id)}>
          {t('common.remove')}
        </MenuItem>
      </Menu>
    </div>
  );
}
