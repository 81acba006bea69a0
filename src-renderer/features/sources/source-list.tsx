import { closestCenter, DndContext, type DragEndEvent, KeyboardSensor, PointerSensor, useSensor, useSensors } from '@dnd-kit/core';
import { SortableContext, sortableKeyboardCoordinates, verticalListSortingStrategy } from '@dnd-kit/sortable';
import { Camera } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { SceneItemId } from '../../../src-shared/domain/index.ts';
import { Button, Empty } from '../../ui/button.tsx';
import { moveItem, programScene } from '../collection/edits.ts';
import { edit, useCollection } from '../collection/store.ts';
import { addSourceOf } from './add.ts';
import { AddSourceMenu } from './add-menu.tsx';
import { SourceRow } from './source-row.tsx';

/** The program scene's sources; the top row is the front of the picture. */
export function SourceList() {
  const { t } = useTranslation();
  const collection = useCollection((state) => state.collection);
  const [renaming, setRenaming] = useState<SceneItemId | null>(null);
  const sensors = useSensors(
    useSensor(PointerSensor, { activationConstraint: { distance: 4 } }),
    useSensor(KeyboardSensor, { coordinateGetter: sortableKeyboardCoordinates }),
  );
  if (!collection) return null;
  const scene = programScene(collection);
  const rows = scene.items.toReversed();

  const reorder = ({ active, over }: DragEndEvent) => {
    if (!over || active.id === over.id) return;
    const index = (id: unknown) => scene.items.findIndex((item) => item.id === id);
    edit(moveItem(scene.id, index(active.id), index(over.id)));
  };
  return (
    <section className="panel grow" aria-label={t('sources.title')}>
      <div className="panel-head">
        <h2>{t('sources.title')}</h2>
        <AddSourceMenu />
      </div>
      <div className="list scroll grow">
        {rows.length === 0 ? (
          <Empty>{t('sources.empty')}</Empty>
        ) : (
          <DndContext sensors={sensors} collisionDetection={closestCenter} onDragEnd={reorder}>
            <SortableContext items={rows.map(({ id }) => id)} strategy={verticalListSortingStrategy}>
              <ul>
                {rows.map((item) => (
                  <SourceRow key={item.id} item={item} sceneId={scene.id} renaming={renaming === item.id} onRename={setRenaming} />
                ))}
              </ul>
            </SortableContext>
          </DndContext>
        )}
        {rows.length > 0 && !collection.sources.some(({ kind }) => kind === 'camera' || kind === 'screen') && (
          <div className="first-camera">
            <Button look="primary" onClick={() => addSourceOf('camera')}>
              <Camera size={15} /> {t('stage.addCamera')}
            </Button>
          </div>
        )}
      </div>
    </section>
  );
}
