import { useEffect, useReducer, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import Moveable from 'react-moveable';
import type { SceneCollection, SceneItem, Transform } from '../../../src-shared/domain/index.ts';
import { changeItem, programScene, sourceOf } from '../collection/edits.ts';
import { edit, select, useCollection } from '../collection/store.ts';
import { CropHandles } from './crop-handles.tsx';
import { useStage } from './stage-state.ts';

/** What can be grabbed on the picture: every visible, unlocked item, and handles on the selected one. */
export function Handles({ scale }: { scale: number }) {
  /**
   * While a gesture lasts, the handles move their target by themselves and React must not touch it: moveable takes a
   * new measure for a new start. The store follows every step; this view catches up at the end.
   */
  const frozen = useRef<SceneCollection | null>(null);
  const collection = useCollection((state) => frozen.current ?? state.collection);
  const [, catchUp] = useReducer((count: number) => count + 1, 0);
  const selectedId = useCollection((state) => state.selectedId);
  const cropping = useStage((state) => state.cropping);
  /** corners keep the aspect; edges and Shift do not */
  const [keepRatio, setKeepRatio] = useState(true);
  const moveable = useRef<Moveable>(null);
  const target = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!frozen.current) moveable.current?.updateRect();
  });
  if (!collection) return null;

  const scene = programScene(collection);
  const selected = scene.items.find(({ id }) => id === selectedId);
  const editable = selected && !selected.locked && selected.visible ? selected : undefined;
  const apply = (change: Partial<Transform>, kind: string) =>
    editable &&
    edit(
      (now) => changeItem(scene.id, editable.id, { transform: tidy({ ...editable.transform, ...change }) })(now),
      `${kind}:${editable.id}`,
    );

  const begin = () => {
    frozen.current = useCollection.getState().collection;
  };
  const end = () => {
    frozen.current = null;
    catchUp();
  };
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
          onDragStart={begin}
          onDrag={({ target: grip, transform, beforeTranslate: [x = 0, y = 0] }) => {
            grip.style.transform = transform;
            apply({ xPx: x / scale, yPx: y / scale }, 'move');
          }}
          onDragEnd={end}
          onResizeStart={({ inputEvent, direction }) => {
            flushSync(() => setKeepRatio(direction[0] !== 0 && direction[1] !== 0 && !inputEvent.shiftKey));
            begin();
          }}
          onResize={({ target: grip, width, height, drag }) => {
            Object.assign(grip.style, { width: `${width}px`, height: `${height}px`, transform: drag.transform });
            const [x = 0, y = 0] = drag.beforeTranslate;
            apply({ widthPx: width / scale, heightPx: height / scale, xPx: x / scale, yPx: y / scale }, 'size');
          }}
          onResizeEnd={end}
          onRotateStart={begin}
          onRotate={({ target: grip, transform, rotation }) => {
            (grip as HTMLElement).style.transform = transform;
            apply({ rotationDeg: rotation % 360 }, 'turn');
          }}
          onRotateEnd={end}
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
