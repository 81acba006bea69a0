/** Boxes on the canvas: fitting, cropping, snapping. Pure; all lengths in canvas pixels unless named otherwise. */
import type { Crop, SceneItem, Transform } from '../../../src-shared/domain/index.ts';

export interface Size {
  width: number;
  height: number;
}

export type Edge = 'left' | 'top' | 'right' | 'bottom';

/** The largest box of the picture's aspect inside the canvas, in its middle. */
export function fitInside(picture: Size, canvas: Size): Transform {
  return centred(picture, Math.min(canvas.width / picture.width, canvas.height / picture.height), canvas);
}

/** The smallest box of the picture's aspect that covers the canvas. */
export function fitCover(picture: Size, canvas: Size): Transform {
  return centred(picture, Math.max(canvas.width / picture.width, canvas.height / picture.height), canvas);
}

/** The picture at its own size, or smaller so that it takes at most `share` of the canvas, in its middle. */
export function placeCentred(picture: Size, canvas: Size, share = 1): Transform {
  return centred(picture, Math.min(1, (canvas.width * share) / picture.width, (canvas.height * share) / picture.height), canvas);
}

function centred(picture: Size, scale: number, canvas: Size): Transform {
  const widthPx = Math.max(1, Math.round(picture.width * scale));
  const heightPx = Math.max(1, Math.round(picture.height * scale));
  return {
    xPx: Math.round((canvas.width - widthPx) / 2),
    yPx: Math.round((canvas.height - heightPx) / 2),
    widthPx,
    heightPx,
    rotationDeg: 0,
  };
}

export function croppedSize(picture: Size, crop: Crop): Size {
  return {
    width: Math.max(1, picture.width - crop.leftPx - crop.rightPx),
    height: Math.max(1, picture.height - crop.topPx - crop.bottomPx),
  };
}

/**
 * The same look with a box that is exactly the visible picture, so that its edges can be cropped:
 * `contain` loses its empty margins, `cover` turns what it hides into crop.
 */
export function tightened(item: SceneItem, picture: Size): SceneItem {
  const { transform, crop, fit } = item;
  const visible = croppedSize(picture, crop);
  if (fit === 'stretch') return item;
  const across = transform.widthPx / visible.width;
  const down = transform.heightPx / visible.height;
  if (fit === 'contain') {
    const scale = Math.min(across, down);
    return { ...item, transform: aboutCentre(transform, visible.width * scale, visible.height * scale) };
  }
  const scale = Math.max(across, down);
  const hiddenX = (visible.width - transform.widthPx / scale) / 2;
  const hiddenY = (visible.height - transform.heightPx / scale) / 2;
  return {
    ...item,
    crop: {
      leftPx: crop.leftPx + hiddenX,
      rightPx: crop.rightPx + hiddenX,
      topPx: crop.topPx + hiddenY,
      bottomPx: crop.bottomPx + hiddenY,
    },
  };
}

function aboutCentre(box: Transform, widthPx: number, heightPx: number): Transform {
  return { ...box, xPx: box.xPx + (box.widthPx - widthPx) / 2, yPx: box.yPx + (box.heightPx - heightPx) / 2, widthPx, heightPx };
}

const VISIBLE_MIN_PX = 8;

/**
 * Moves one edge of a tightened item inwards (positive) or outwards: the rest of the picture stays where it is.
 * @param byPx movement of the edge towards the middle, in canvas pixels, along the item's own axes
 */
export function cropEdge(item: SceneItem, picture: Size, edge: Edge, byPx: number): SceneItem {
  const { transform, crop } = item;
  const visible = croppedSize(picture, crop);
  const horizontal = edge === 'left' || edge === 'right';
  const scale = horizontal ? transform.widthPx / visible.width : transform.heightPx / visible.height;
  const room = (horizontal ? visible.width : visible.height) - VISIBLE_MIN_PX;
  const key = `${edge}Px` as const;
  const by = Math.max(-crop[key], Math.min(room, byPx / scale));
  const moved = by * scale;
  const widthPx = transform.widthPx - (horizontal ? moved : 0);
  const heightPx = transform.heightPx - (horizontal ? 0 : moved);
  const toMiddle = edge === 'left' || edge === 'top' ? moved / 2 : -moved / 2;
  const shift = rotate(horizontal ? { x: toMiddle, y: 0 } : { x: 0, y: toMiddle }, transform.rotationDeg);
  const xPx = transform.xPx + transform.widthPx / 2 + shift.x - widthPx / 2;
  const yPx = transform.yPx + transform.heightPx / 2 + shift.y - heightPx / 2;
  return { ...item, transform: { ...transform, xPx, yPx, widthPx, heightPx }, crop: { ...crop, [key]: crop[key] + by } };
}

/** Turns a vector clockwise (y points down). */
export function rotate({ x, y }: { x: number; y: number }, deg: number): { x: number; y: number } {
  const angle = (deg * Math.PI) / 180;
  return { x: x * Math.cos(angle) - y * Math.sin(angle), y: x * Math.sin(angle) + y * Math.cos(angle) };
}
