import { useEffect, useRef, useState } from 'react';
import Moveable from 'react-moveable';
import type { SceneItem, Transform } from '../../../src-shared/domain/index.ts';
import { changeItem, programScene, sourceOf } from '../collection/edits.ts';
import { edit, select, useCollection } from '../collection/store.ts';
import { CropHandles } from './crop-handles.tsx';
import { useStage } from './stage-state.ts';

/** What can be grabbed on the picture: every visible, unlocked item, and handles on the selected one. */
export function Handles({ scale }: { scale: number }) {
  const collection = useCollection((state) => state.collection);
  const selectedId = useCollection((state) => state.selectedId);
  const cropping = useStage((state) => state.cropping);
  /** corners keep the aspect; edges and Shift do not */
  const [keepRatio, setKeepRatio] = useState(true);
  const moveable = useRef<Moveable>(null);
  const target = useRef<HTMLDivElement>(null);
  useEffect(() => moveable.current?.updateRect());
  if (!collection) return null;

  const scene = programScene(collection);
  const selected = scene.items.find(({ id }) => id === selectedId);
  const editable = selected && !selected.locked && selected.visible ? selected : undefined;
  const apply = (change: Partial<Transform>, kind: string) =>
    editable && edit((now) => changeItem(scene.id, editable.id, { transform: tidy({ ...editable.transform, ...change }) })(now), `${kind}:${editable.id}`);

  const grab = (item: SceneItem, event: React.PointerEvent) => {
    if (event.button !== 0) return;
    const native = event.nativeEvent;
    if (item.id === selectedId) return;
    select(item.id);
    // the same press that selects also drags, once the handles are on the new target
    requestAnimationFrame(() => native.buttons && moveable.current?.dragStart(native as unknown as MouseEvent));
  };
  return (
    <div className="handles" onPointerDown={(event) => event.target === event.currentTarget && select(null)}>
      {scene.items.map((item) =>
        item.visible && !item.locked ? (
          <div
            key={item.id}
            ref={item.id === selectedId ? target : null}
            className="grip"
            data-item={item.id}
            data-selected={item.id === selectedId || undefined}
            title={item.id === selectedId ? undefined : sourceOf(collection, item)?.name}
            style={boxStyle(item.transform, scale)}
            onPointerDown={(event) => grab(item, event)}
          />
        ) : null,
      )}
      {editable && cropping && <CropHandles item={editable} sceneId={scene.id} scale={scale} />}
      {editable && !cropping && (
        <Moveable
          key={editable.id}
          ref={moveable}
          target={target}
          origin={false}
          draggable
          resizable
          rotatable
          snappable
          keepRatio={keepRatio}
          throttleDrag={0}
          rotationPosition="top"
          snapThreshold={6}
          snapGap={false}
          isDisplaySnapDigit={false}
          snapDirections={{ top: true, left: true, bottom: true, right: true, center: true, middle: true }}
          elementSnapDirections={{ top: true, left: true, bottom: true, right: true, center: true, middle: true }}
          elementGuidelines={[...document.querySelectorAll<HTMLElement>('.grip:not([data-selected])')]}
          verticalGuidelines={[0, (collection.canvas.widthPx * scale) / 2, collection.canvas.widthPx * scale]}
          horizontalGuidelines={[0, (collection.canvas.heightPx * scale) / 2, collection.canvas.heightPx * scale]}
          snapRotationDegrees={[0, 45, 90, 135, 180, 225, 270, 315]}
          onDrag={({ beforeTranslate: [x = 0, y = 0] }) => apply({ xPx: x / scale, yPx: y / scale }, 'move')}
          onResizeStart={({ inputEvent, direction }) => setKeepRatio(direction[0] !== 0 && direction[1] !== 0 && !inputEvent.shiftKey)}
          onResize={({ width, height, drag }) =>
            apply({ widthPx: width / scale, heightPx: height / scale, xPx: (drag.beforeTranslate[0] ?? 0) / scale, yPx: (drag.beforeTranslate[1] ?? 0) / scale }, 'size')
          }
          onRotate={({ rotation }) => apply({ rotationDeg: rotation % 360 }, 'turn')}
        />
      )}
    </div>
  );
}

function boxStyle(box: Transform, scale: number): React.CSSProperties {
  return {
    width: box.widthPx * scale,
    height: box.heightPx * scale,
    transform: `translate(${box.xPx * scale}px, ${box.yPx * scale}px) rotate(${box.rotationDeg}deg)`,
  };
}

/** Whole pixels and tenths of a degree: what a person means, and what compresses well. */
function tidy(box: Transform): Transform {
  return {
    xPx: Math.round(box.xPx),
    yPx: Math.round(box.yPx),
    widthPx: Math.max(8, Math.round(box.widthPx)),
    heightPx: Math.max(8, Math.round(box.heightPx)),
    rotationDeg: Math.round(box.rotationDeg * 10) / 10,
  };
}
