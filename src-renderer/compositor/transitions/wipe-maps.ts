/** The maps wipes go by: of patterns computed, of pictures loaded ahead, so that a cut never waits for one. */
import type { SceneCollection, TransitionOf } from '../../../src-shared/domain/index.ts';
import type { SizePx } from '../layout.ts';
import { nextRevision, softwareCanvas } from '../sources/source-picture.ts';
import { lumaMap, patternMap } from './wipe-patterns.ts';

/** One byte a pixel, row by row from the top: 0 is wiped first. */
export interface WipeMap extends SizePx {
  values: Uint8Array;
  revision: number;
}

/** maps are half as wide and high as the canvas: an edge that moves shows no more, and they cost a quarter */
const SCALE = 0.5;

export class WipeMaps {
  readonly #assetUrl: (assetId: string) => string | undefined;
  readonly #pictures = new Map<string, ImageBitmap | 'loading'>();
  /** of the transitions there are, by what they look like */
  readonly #made = new Map<string, WipeMap>();

  constructor(assetUrl: (assetId: string) => string | undefined) {
    this.#assetUrl = assetUrl;
  }

  /** Loads the pictures of all the transitions there are, and makes their maps. @param target of the program picture */
  set({ transition, scenes }: SceneCollection, target: SizePx): void {
    const wipes = [transition, ...scenes.map((scene) => scene.transition)].filter((one) => one?.kind === 'wipe');
    const wanted = new Set<string>(wipes.flatMap(({ assetId }) => assetId ?? []));
    for (const [assetId, picture] of this.#pictures)
      if (!wanted.has(assetId)) {
        if (typeof picture === 'object') picture.close();
        this.#pictures.delete(assetId);
      }
    for (const assetId of wanted) if (!this.#pictures.has(assetId)) void this.#load(assetId);
    const inUse = new Set(wipes.map((wipe) => this.of(wipe, target)));
    for (const [key, map] of this.#made) if (!inUse.has(map)) this.#made.delete(key);
  }

  /** That of the pattern while the picture is not there, or cannot be read. */
  of(wipe: TransitionOf<'wipe'>, canvas: SizePx): WipeMap {
    const size = { width: Math.ceil(canvas.width * SCALE), height: Math.ceil(canvas.height * SCALE) };
    const picture = wipe.assetId === null ? undefined : this.#pictures.get(wipe.assetId);
    const bitmap = typeof picture === 'object' ? picture : null;
    const key = [bitmap ? wipe.assetId : wipe.pattern, wipe.inverted, size.width, size.height].join();
    let map = this.#made.get(key);
    if (!map) {
      const values = bitmap ? pictureMap(bitmap, size) : patternMap(wipe.pattern, size.width, size.height);
      if (wipe.inverted) for (let at = 0; at < values.length; at++) values[at] = 255 - (values[at] ?? 0);
      map = { ...size, values, revision: nextRevision() };
      this.#made.set(key, map);
    }
    return map;
  }

  async #load(assetId: string): Promise<void> {
    this.#pictures.set(assetId, 'loading');
    const bitmap = await this.#fetch(assetId).catch(() => null);
    if (bitmap && this.#pictures.get(assetId) === 'loading') this.#pictures.set(assetId, bitmap);
    else {
      bitmap?.close();
      // tried again with the collection's next edit
      if (!bitmap) this.#pictures.delete(assetId);
    }
  }

  async #fetch(assetId: string): Promise<ImageBitmap> {
    const response = await fetch(this.#assetUrl(assetId) ?? '');
    if (!response.ok) throw new Error(`status ${response.status}`);
    return createImageBitmap(await response.blob());
  }
}

/** Stretched over the whole canvas. */
function pictureMap(bitmap: ImageBitmap, { width, height }: SizePx): Uint8Array {
  const { context } = softwareCanvas(width, height);
  context.drawImage(bitmap, 0, 0, width, height);
  return lumaMap(context.getImageData(0, 0, width, height).data);
}
