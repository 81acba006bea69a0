/** Where a picture goes in one of another shape. Pure. */
import type { Fit } from '../../src-shared/domain/rendition.ts';
import type { PictureSize as Size } from './picture.ts';

/** All even: two rows and columns share a sample of colour. */
export interface Rect extends Size {
  xPx: number;
  yPx: number;
}

/** 854 × 480 is 16:9: so little is stretched, and nobody sees it. */
const SAME_SHAPE = 0.01;

const even = (px: number) => Math.round(px / 2) * 2;
const centred = (part: Size, whole: Size): Rect => ({
  ...part,
  xPx: 2 * Math.floor((whole.widthPx - part.widthPx) / 4),
  yPx: 2 * Math.floor((whole.heightPx - part.heightPx) / 4),
});

/** Which part of the one goes to which part of the other. */
export interface FittedParts {
  from: Rect;
  to: Rect;
}

/** @returns null: all of it to all of it */
export function fitPicture(from: Size, to: Size, fit: Fit): FittedParts | null {
  const [across, down] = [to.widthPx / from.widthPx, to.heightPx / from.heightPx];
  if (Math.abs(across / down - 1) < SAME_SHAPE) return null;
  const scale = fit === 'contain' ? Math.min(across, down) : Math.max(across, down);
  const part = ({ widthPx, heightPx }: Size, by: number, most: Size): Size => ({
    widthPx: Math.max(2, Math.min(most.widthPx, even(widthPx * by))),
    heightPx: Math.max(2, Math.min(most.heightPx, even(heightPx * by))),
  });
  return { from: centred(part(to, 1 / scale, from), from), to: centred(part(from, scale, to), to) };
}
