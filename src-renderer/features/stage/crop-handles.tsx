import { type PointerEvent, useRef } from 'react';
import { filteredSize, type SceneId, type SceneItem } from '../../../src-shared/domain/index.ts';
import { changeItem } from '../collection/edits.ts';
import { edit, useCollection } from '../collection/store.ts';
import { cropEdge, type Edge, rotate, tightened } from './geometry.ts';
import { useMedia } from './media.ts';

const EDGES: readonly Edge[] = ['left', 'top', 'right', 'bottom'];

/** Four bars on the selected item's edges; dragging one cuts the picture and leaves the rest where it is. */
export function CropHandles({ item, sceneId, scale }: { item: SceneItem; sceneId: SceneId; scale: number }) {
  const own = useMedia(({ sources }) => sources.get(item.sourceId)?.sizePx ?? null);
  const filters = useCollection(({ collection }) => collection?.sources.find(({ id }) => id === item.sourceId)?.filters);
  const picture = own && filters ? filteredSize(filters, own) : own;
  const start = useRef<{ x: number; y: number; item: SceneItem } | null>(null);
  if (!picture) return null;
  const shown = tightened(item, picture);
  const { transform } = shown;

  const drag = (edge: Edge, event: PointerEvent) => {
    if (!start.current) return;
    const moved = rotate(
      { x: (event.clientX - start.current.x) / scale, y: (event.clientY - start.current.y) / scale },
      -transform.rotationDeg,
    );
    const inwards = { left: moved.x, top: moved.y, right: -moved.x, bottom: -moved.y }[edge];
    const { transform: box, crop } = cropEdge(start.current.item, picture, edge, inwards);
    edit(changeItem(sceneId, item.id, { transform: box, crop }), `crop:${item.id}`);
  };
  return (
    <div
      className="crop-frame"
      style={{
        width: transform.widthPx * scale,
        height: transform.heightPx * scale,
        transform: `translate(${transform.xPx * scale}px, ${transform.yPx * scale}px) rotate(${transform.rotationDeg}deg)`,
      }}
    >
      {EDGES.map((edge) => (
        <div
          key={edge}
          className={`crop-edge ${edge}`}
          onPointerDown={(event) => {
            event.stopPropagation();
            event.currentTarget.setPointerCapture(event.pointerId);
            start.current = { x: event.clientX, y: event.clientY, item: shown };
          }}
          onPointerMove={(event) => drag(edge, event)}
          onPointerUp={() => {
            start.current = null;
          }}
        />
      ))}
    </div>
  );
}
