/** Edits of a scene collection as pure functions: a collection goes in, a new one comes out. */
import {
  type AudioInput,
  type AudioInputId,
  Crop,
  type Filter,
  FilterId,
  type Scene,
  type SceneCollection,
  SceneId,
  type SceneItem,
  SceneItemId,
  type Source,
  type SourceId,
  type Transform,
  type Transition,
} from '../../../src-shared/domain/index.ts';

export type Edit = (collection: SceneCollection) => SceneCollection;

const NO_CROP = Crop.parse({ leftPx: 0, topPx: 0, rightPx: 0, bottomPx: 0 });

export function programScene(collection: SceneCollection): Scene {
  return collection.scenes.find(({ id }) => id === collection.programSceneId) ?? (collection.scenes[0] as Scene);
}

export function sourceOf(collection: SceneCollection, item: SceneItem): Source | undefined {
  return collection.sources.find(({ id }) => id === item.sourceId);
}

/** "Camera", then "Camera 2", "Camera 3" … */
export function freeName(wanted: string, taken: readonly string[]): string {
  if (!taken.includes(wanted)) return wanted;
  for (let n = 2; ; n += 1) if (!taken.includes(`${wanted} ${n}`)) return `${wanted} ${n}`;
}

const mapScene =
  (sceneId: SceneId, change: (scene: Scene) => Scene): Edit =>
  (collection) => ({
    ...collection,
    scenes: collection.scenes.map((scene) => (scene.id === sceneId ? change(scene) : scene)),
  });

export function addScene(name: string, id: SceneId = SceneId.parse(crypto.randomUUID())): Edit {
  return (collection) => ({
    ...collection,
    scenes: [
      ...collection.scenes,
      {
        id,
        name: freeName(
          name,
          collection.scenes.map((scene) => scene.name),
        ),
        items: [],
        transition: null,
      },
    ],
  });
}

/** How scenes follow each other that have no transition of their own. */
export const setTransition =
  (transition: Transition): Edit =>
  (collection) => ({ ...collection, transition });

/** @param transition how this scene comes; null: as the show's others do */
export const setSceneTransition = (id: SceneId, transition: Transition | null): Edit => mapScene(id, (scene) => ({ ...scene, transition }));

export const renameScene = (id: SceneId, name: string): Edit =>
  mapScene(id, (scene) => ({ ...scene, name: name.trim().slice(0, 100) || scene.name }));

/** The copy shows the same sources, placed by items of its own. */
export function duplicateScene(id: SceneId): Edit {
  return (collection) => {
    const index = collection.scenes.findIndex((scene) => scene.id === id);
    const original = collection.scenes[index];
    if (!original) return collection;
    const copy: Scene = {
      ...original,
      id: SceneId.parse(crypto.randomUUID()),
      name: freeName(
        original.name,
        collection.scenes.map((scene) => scene.name),
      ),
      items: original.items.map((item) => ({ ...item, id: SceneItemId.parse(crypto.randomUUID()) })),
    };
    return { ...collection, scenes: collection.scenes.toSpliced(index + 1, 0, copy) };
  };
}

/** The last scene stays; removing the program scene puts its neighbour on air. */
export function removeScene(id: SceneId): Edit {
  return (collection) => {
    const index = collection.scenes.findIndex((scene) => scene.id === id);
    if (index < 0 || collection.scenes.length === 1) return collection;
    const scenes = collection.scenes.toSpliced(index, 1);
    const neighbour = scenes[Math.min(index, scenes.length - 1)] as Scene;
    const programSceneId = collection.programSceneId === id ? neighbour.id : collection.programSceneId;
    return dropUnusedSources({ ...collection, scenes, programSceneId });
  };
}

export function moveScene(from: number, to: number): Edit {
  return (collection) => ({ ...collection, scenes: moved(collection.scenes, from, to) });
}

/**
 * Places a source in a scene: in front of everything; or, when it covers the whole canvas, in front of whatever
 * else does, so that a camera goes behind the title that is already there.
 */
export function addSource(sceneId: SceneId, source: Source, transform: Transform, itemId: SceneItemId): Edit {
  return (collection) => {
    const named = {
      ...source,
      name: freeName(
        source.name,
        collection.sources.map(({ name }) => name),
      ),
    };
    const item: SceneItem = { id: itemId, sourceId: source.id, visible: true, locked: false, transform, crop: NO_CROP, fit: 'contain' };
    const covers = ({ xPx, yPx, widthPx, heightPx, rotationDeg }: Transform) =>
      rotationDeg === 0 &&
      xPx <= 0 &&
      yPx <= 0 &&
      xPx + widthPx >= collection.canvas.widthPx &&
      yPx + heightPx >= collection.canvas.heightPx;
    const place = (items: readonly SceneItem[]) =>
      covers(transform) ? items.findLastIndex((other) => covers(other.transform)) + 1 : items.length;
    return mapScene(sceneId, (scene) => ({ ...scene, items: scene.items.toSpliced(place(scene.items), 0, item) }))({
      ...collection,
      sources: [...collection.sources, named],
    });
  };
}

export function changeItem(sceneId: SceneId, itemId: SceneItemId, change: Partial<SceneItem>): Edit {
  return mapScene(sceneId, (scene) => ({
    ...scene,
    items: scene.items.map((item) => (item.id === itemId ? { ...item, ...change } : item)),
  }));
}

export function changeSource(id: SourceId, change: Partial<Source>): Edit {
  return (collection) => ({
    ...collection,
    sources: collection.sources.map((source) => (source.id === id ? ({ ...source, ...change } as Source) : source)),
  });
}

/** What a source's filters become. */
export function changeFilters(id: SourceId, change: (filters: readonly Filter[]) => Filter[]): Edit {
  return (collection) => ({
    ...collection,
    sources: collection.sources.map((source) => (source.id === id ? { ...source, filters: change(source.filters) } : source)),
  });
}

export const moveFilter = (id: SourceId, from: number, to: number): Edit => changeFilters(id, (filters) => moved(filters, from, to));

/** The same filters as others: their cost and what they keep is their own. */
export function copiesOf(filters: readonly Filter[]): Filter[] {
  return filters.map((filter) => ({ ...filter, id: FilterId.parse(crypto.randomUUID()) }));
}

export function removeItem(sceneId: SceneId, itemId: SceneItemId): Edit {
  return (collection) =>
    dropUnusedSources(mapScene(sceneId, (scene) => ({ ...scene, items: scene.items.filter(({ id }) => id !== itemId) }))(collection));
}

/** The copy has a source of its own, so that changing one leaves the other; it lies 24 px aside. */
export function duplicateItem(sceneId: SceneId, itemId: SceneItemId, newId: SceneItemId, newSourceId: SourceId): Edit {
  return (collection) => {
    const scene = collection.scenes.find(({ id }) => id === sceneId);
    const item = scene?.items.find(({ id }) => id === itemId);
    const source = item && sourceOf(collection, item);
    if (!item || !source) return collection;
    const aside = { ...item.transform, xPx: item.transform.xPx + 24, yPx: item.transform.yPx + 24 };
    const name = freeName(
      source.name,
      collection.sources.map((one) => one.name),
    );
    return mapScene(sceneId, (one) => ({
      ...one,
      items: [...one.items, { ...item, id: newId, sourceId: newSourceId, transform: aside, locked: false }],
    }))({
      ...collection,
      sources: [...collection.sources, { ...source, id: newSourceId, name, filters: copiesOf(source.filters) }],
    });
  };
}

/** Indices count from the back, as items are kept. */
export function moveItem(sceneId: SceneId, from: number, to: number): Edit {
  return mapScene(sceneId, (scene) => ({ ...scene, items: moved(scene.items, from, to) }));
}

export const addInput =
  (input: AudioInput): Edit =>
  (collection) => ({
    ...collection,
    audioInputs: [
      ...collection.audioInputs,
      {
        ...input,
        name: freeName(
          input.name,
          collection.audioInputs.map(({ name }) => name),
        ),
      },
    ],
  });

export const changeInput =
  (id: AudioInputId, change: Partial<AudioInput>): Edit =>
  (collection) => ({
    ...collection,
    audioInputs: collection.audioInputs.map((input) => (input.id === id ? { ...input, ...change } : input)),
  });

export const removeInput =
  (id: AudioInputId): Edit =>
  (collection) => ({ ...collection, audioInputs: collection.audioInputs.filter((input) => input.id !== id) });

function dropUnusedSources(collection: SceneCollection): SceneCollection {
  const used = new Set(collection.scenes.flatMap(({ items }) => items.map(({ sourceId }) => sourceId)));
  return { ...collection, sources: collection.sources.filter(({ id }) => used.has(id)) };
}

function moved<T>(list: readonly T[], from: number, to: number): T[] {
  const item = list[from];
  return item === undefined ? [...list] : list.toSpliced(from, 1).toSpliced(to, 0, item);
}
