/** What the keyboard and the palette do with the selected item of the program scene. */
import { filteredSize, type SceneItem, SceneItemId, SourceId } from '../../../src-shared/domain/index.ts';
import { changeItem, duplicateItem, programScene, removeItem, sourceOf } from '../collection/edits.ts';
import { edit, select, useCollection } from '../collection/store.ts';
import { croppedSize, fitCover, fitInside, placeCentred, type Size } from '../stage/geometry.ts';
import { useMedia } from '../stage/media.ts';
import { textSize } from './add.ts';

export function selectedItem(): SceneItem | undefined {
  const { collection, selectedId } = useCollection.getState();
  return collection ? programScene(collection).items.find(({ id }) => id === selectedId) : undefined;
}

function withSelected(act: (item: SceneItem, sceneId: ReturnType<typeof programScene>['id']) => void, evenLocked = false): void {
  const { collection } = useCollection.getState();
  const item = selectedItem();
  if (collection && item && (evenLocked || !item.locked)) act(item, programScene(collection).id);
}

export function removeSelected(): void {
  withSelected((item, sceneId) => {
    edit(removeItem(sceneId, item.id));
    select(null);
  });
}

export function duplicateSelected(): void {
  withSelected((item, sceneId) => {
    const id = SceneItemId.parse(crypto.randomUUID());
    edit(duplicateItem(sceneId, item.id, id, SourceId.parse(crypto.randomUUID())));
    select(id);
  }, true);
}

export function nudgeSelected(byX: number, byY: number): void {
  withSelected((item, sceneId) => {
    const { transform } = item;
    edit(
      changeItem(sceneId, item.id, { transform: { ...transform, xPx: transform.xPx + byX, yPx: transform.yPx + byY } }),
      `nudge:${item.id}`,
    );
  });
}

/** inside: whole in the canvas; cover: fills it; own: at the picture's own size, in the middle */
export function fitSelected(how: 'inside' | 'cover' | 'own'): void {
  const { collection } = useCollection.getState();
  if (!collection) return;
  const canvas = { width: collection.canvas.widthPx, height: collection.canvas.heightPx };
  withSelected((item, sceneId) => {
    const picture = croppedSize(pictureSize(item) ?? canvas, item.crop);
    const transform =
      how === 'inside'
        ? fitInside(picture, canvas)
        : how === 'cover'
          ? fitCover(picture, canvas)
          : placeCentred(picture, canvas, Number.POSITIVE_INFINITY);
    edit(changeItem(sceneId, item.id, { transform }));
  });
}

function pictureSize(item: SceneItem): Size | null {
  const { collection } = useCollection.getState();
  const source = collection && sourceOf(collection, item);
  const own = source?.kind === 'text' ? textSize(source) : (useMedia.getState().sources.get(item.sourceId)?.sizePx ?? null);
  return own && source ? filteredSize(source.filters, own) : own;
}
