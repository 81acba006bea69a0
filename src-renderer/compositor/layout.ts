/** Where an item's picture goes on the canvas: crop, fit and rotation as numbers both back ends draw by. */
import type { Crop, SceneItem, Transform } from '../../src-shared/domain/index.ts';

export interface SizePx {
  width: number;
  height: number;
}

export interface RectPx {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** `from` in the picture's own pixels; `to` in pixels of the target before it turns by `rotationRad` about (centreX, centreY). */
export interface Placement {
  from: RectPx;
  to: RectPx;
  rotationRad: number;
  centreX: number;
  centreY: number;
}

/** What is left of a picture after its crop; at least one pixel. */
export function cropRect(size: SizePx, crop: Crop): RectPx {
  const x = Math.min(crop.leftPx, size.width - 1);
  const y = Math.min(crop.topPx, size.height - 1);
  return { x, y, width: Math.max(1, size.width - x - crop.rightPx), height: Math.max(1, size.height - y - crop.bottomPx) };
}

/** Fits a picture into a box: contain makes `to` smaller, cover makes `from` smaller, both about the centre. */
export function fitRect(picture: RectPx, box: RectPx, fit: SceneItem['fit']): { from: RectPx; to: RectPx } {
  if (fit === 'stretch') return { from: picture, to: box };
  const scaleX = box.width / picture.width;
  const scaleY = box.height / picture.height;
  if (fit === 'contain') {
    const scale = Math.min(scaleX, scaleY);
    return { from: picture, to: centred(box, picture.width * scale, picture.height * scale) };
  }
  const scale = Math.max(scaleX, scaleY);
  return { from: centred(picture, box.width / scale, box.height / scale), to: box };
}

function centred(within: RectPx, width: number, height: number): RectPx {
  return { x: within.x + (within.width - width) / 2, y: within.y + (within.height - height) / 2, width, height };
}

/** How the scene's canvas lies in the picture that is sent: whole, centred, as large as it fits. */
export interface View {
  scale: number;
  x: number;
  y: number;
}

export function fitCanvas(canvas: SizePx, target: SizePx): View {
  const { to } = fitRect({ x: 0, y: 0, ...canvas }, { x: 0, y: 0, ...target }, 'contain');
  return { scale: to.width / canvas.width, x: to.x, y: to.y };
}

export function placeItem(item: Pick<SceneItem, 'transform' | 'crop' | 'fit'>, picture: SizePx, view: View): Placement {
  const box = viewRect(item.transform, view);
  const { from, to } = fitRect(cropRect(picture, item.crop), box, item.fit);
  return {
    from,
    to,
    rotationRad: (item.transform.rotationDeg * Math.PI) / 180,
    centreX: box.x + box.width / 2,
    centreY: box.y + box.height / 2,
  };
}

function viewRect({ xPx, yPx, widthPx, heightPx }: Transform, { scale, x, y }: View): RectPx {
  return { x: x + xPx * scale, y: y + yPx * scale, width: widthPx * scale, height: heightPx * scale };
}

/** The whole pixels of the canvas that a turned rectangle touches, or null where it lies outside. */
export function boundsOf({ to, rotationRad, centreX, centreY }: Placement, canvas: SizePx): RectPx | null {
  const cos = Math.cos(rotationRad);
  const sin = Math.sin(rotationRad);
  const corners = [
    [to.x, to.y],
    [to.x + to.width, to.y],
    [to.x, to.y + to.height],
    [to.x + to.width, to.y + to.height],
  ].map(
    ([x = 0, y = 0]) => [centreX + (x - centreX) * cos - (y - centreY) * sin, centreY + (x - centreX) * sin + (y - centreY) * cos] as const,
  );
  const left = Math.max(0, Math.floor(Math.min(...corners.map(([x]) => x))));
  const top = Math.max(0, Math.floor(Math.min(...corners.map(([, y]) => y))));
  const right = Math.min(canvas.width, Math.ceil(Math.max(...corners.map(([x]) => x))));
  const bottom = Math.min(canvas.height, Math.ceil(Math.max(...corners.map(([, y]) => y))));
  return right > left && bottom > top ? { x: left, y: top, width: right - left, height: bottom - top } : null;
}
