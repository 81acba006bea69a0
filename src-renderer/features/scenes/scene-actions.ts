import i18next from 'i18next';
import { SceneId } from '../../../src-shared/domain/index.ts';
import { addScene } from '../collection/edits.ts';
import { cutTo, edit, useCollection } from '../collection/store.ts';

/** A new, empty scene at the end of the list; what is on air stays as it is. */
export function createScene(): void {
  edit(addScene(i18next.t('scenes.newName'), SceneId.parse(crypto.randomUUID())));
}

/** @param index counted from 0, as the number keys are from 1 */
export function cutToIndex(index: number): void {
  const scene = useCollection.getState().collection?.scenes[index];
  if (scene) void cutTo(scene.id);
}
