/** How large a source is shown at most, so that its filters need not work on pixels that nobody sees. */
import { FILTER_TRAITS, filteredSize, type SceneCollection, type SceneId, type SourceId } from '../../../src-shared/domain/index.ts';
import { fitCanvas, placeItem, type SizePx } from '../layout.ts';
import type { ReadyFilter } from './chain.ts';

/** scales go by such steps: while a box is dragged larger, chains are not made anew for each pixel */
const STEP = 1 / 8;

/**
 * Pixels to work on for one of the source's, up to 1.
 * @param sceneIds the scenes that are shown now
 * @param size of the source's own picture @param target of the program picture
 */
export function shownScale(
  collection: SceneCollection,
  sceneIds: readonly SceneId[],
  sourceId: SourceId,
  filters: readonly ReadyFilter[],
  size: SizePx,
  target: SizePx,
): number {
  if (filters.some(({ filter }) => !FILTER_TRAITS[filter.kind].atShownSize)) return 1;
  const view = fitCanvas({ width: collection.canvas.widthPx, height: collection.canvas.heightPx }, target);
  const after = filteredSize(
    filters.map(({ filter }) => filter),
    size,
  );
  let largest = STEP;
  for (const item of collection.scenes.flatMap(({ id, items }) => (sceneIds.includes(id) ? items : []))) {
    if (item.sourceId !== sourceId || !item.visible) continue;
    const { from, to } = placeItem(item, after, view);
    largest = Math.max(largest, to.width / from.width, to.height / from.height);
  }
  return Math.min(1, Math.ceil(largest / STEP - 1e-6) * STEP);
}
