import type { SceneCollection } from '../../../src-shared/domain/index.ts';
import { StudioError } from '../../../src-shared/errors.ts';
import type { AreaHandlers, EngineContext } from './context.ts';

export function collectionCalls({ store, emit }: EngineContext): AreaHandlers<'collection' | 'scene'> {
  const save = async (edit: { baseRevision: number; collection: SceneCollection }) => {
    const { revision } = await store.collection.save(edit);
    emit('collection.changed', { revision, collection: edit.collection });
    return { revision };
  };
  return {
    'collection.get': () => store.collection.get(),
    'collection.save': save,
    'scene.cut': async ({ sceneId }) => {
      const { revision, collection } = await store.collection.get();
      if (!collection.scenes.some(({ id }) => id === sceneId))
        throw new StudioError('store.not-found', 'This scene does not exist any more.');
      if (collection.programSceneId === sceneId) return { revision };
      return save({ baseRevision: revision, collection: { ...collection, programSceneId: sceneId } });
    },
  };
}
