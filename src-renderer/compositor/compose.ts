/** Turns a scene into a composition: what is visible, where, with which picture. */
import type { SceneCollection, SceneId, SourceId } from '../../src-shared/domain/index.ts';
import type { Composition, Frame, Layer } from './backends/backend.ts';
import { fitCanvas, placeItem, type SizePx } from './layout.ts';
import type { SourcePicture } from './sources/source-picture.ts';

export function compose(
  collection: SceneCollection,
  sceneId: SceneId,
  target: SizePx,
  pictureOf: (id: SourceId) => SourcePicture | null,
): Composition {
  const { canvas } = collection;
  const view = fitCanvas({ width: canvas.widthPx, height: canvas.heightPx }, target);
  const scene = collection.scenes.find(({ id }) => id === sceneId);
  const layers: Layer[] = [];
  for (const item of scene?.items ?? []) {
    const picture = item.visible ? pictureOf(item.sourceId) : null;
    if (!picture) continue;
    const placement = placeItem(item, { width: picture.widthPx, height: picture.heightPx }, view);
    layers.push({ key: item.id, sourceId: item.sourceId, picture, placement });
  }
  return { background: canvas.background, layers };
}

/** Local time at which the newest camera or screen picture in it was captured; null: there is none. */
export function newestCaptureUs(frame: Frame): number | null {
  const layers = 'mix' in frame ? [...frame.from.layers, ...frame.to.layers] : frame.layers;
  const timesUs = layers.flatMap(({ picture }) => picture.capturedUs ?? []);
  return timesUs.length > 0 ? Math.max(...timesUs) : null;
}
