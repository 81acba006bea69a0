/// <reference types="dom-webcodecs" />
/** What a source gives to a back end, and what every kind of source implements. Runs in the compositor worker. */
import type { Source, SourceId } from '../../../src-shared/domain/index.ts';
import type { Failure } from '../../../src-shared/errors.ts';
import type { SizePx } from '../layout.ts';

/** A picture at an instant. It belongs to the source: a back end may keep it only while `revision` stays. */
export interface SourcePicture {
  image: VideoFrame | OffscreenCanvas | ImageBitmap;
  widthPx: number;
  heightPx: number;
  /** changes whenever the pixels do */
  revision: number;
  /** true for what changes from tick to tick, so that nobody caches a scaled copy of it */
  moving: boolean;
  mirrored: boolean;
  /** local time (see MediaClock) at which a device captured it; left out: it was drawn here */
  capturedUs?: number;
}

/** The instant a picture is composed for. */
export interface Instant {
  tick: number;
  frameRate: number;
}

export interface PictureSource<S extends Source = Source> {
  /** takes over a changed description */
  update(source: S): void;
  /** the picture now, or null while there is none */
  picture(at: Instant): SourcePicture | null;
  dispose(): void;
}

export interface SourceContext {
  canvas: SizePx;
  assetUrl(assetId: string): string | undefined;
  /** tells the page the picture's size, as soon as it is known and whenever it changes */
  onSize(id: SourceId, size: SizePx): void;
  onFailure(id: SourceId, failure: Failure): void;
}

let lastRevision = 0;

/** A number no picture of any source had before. */
export function nextRevision(): number {
  return ++lastRevision;
}

export interface Drawable {
  canvas: OffscreenCanvas;
  context: OffscreenCanvasRenderingContext2D;
}

/** A canvas for software drawing: reading it back is cheap, drawing never goes through the GPU process. */
export function softwareCanvas(widthPx: number, heightPx: number, options: { alpha: boolean } = { alpha: true }): Drawable {
  const canvas = new OffscreenCanvas(widthPx, heightPx);
  const context = canvas.getContext('2d', { willReadFrequently: true, alpha: options.alpha });
  if (!context) throw new Error('no 2D canvas context');
  return { canvas, context };
}

export function stillPicture(canvas: OffscreenCanvas | ImageBitmap): SourcePicture {
  return { image: canvas, widthPx: canvas.width, heightPx: canvas.height, revision: nextRevision(), moving: false, mirrored: false };
}
