/** What draws a composition: on the CPU where there is no GPU, in WebGL2 where there is one. Runs in the compositor worker. */
import type { FilterRequest } from '../filters/chain.ts';
import type { Placement } from '../layout.ts';
import type { SourcePicture } from '../sources/source-picture.ts';
import type { Mix } from '../transitions/mix.ts';
import type { WipeMap } from '../transitions/wipe-maps.ts';

export interface Layer {
  /** of the scene item: what a back end caches, it caches by this */
  key: string;
  /** of the source: shared by the items that show it */
  sourceId: string;
  picture: SourcePicture;
  placement: Placement;
}

/** A whole scene: layers from back to front. */
export interface Composition {
  background: string;
  layers: Layer[];
}

/** Two scenes, of which one is about to follow the other. */
export interface MixedScenes {
  from: Composition;
  to: Composition;
  mix: Mix;
  /** of a wipe */
  wipeMap: WipeMap | null;
}

/** A whole picture. */
export type Frame = Composition | MixedScenes;

export interface Backend {
  readonly kind: 'webgl2' | 'cpu';
  /** even width and height, at least 16 */
  resize(widthPx: number, heightPx: number): void;
  /**
   * A source's picture as its filters leave it, for layers of the next `draw`. The answer is the same one, with the same
   * revision, while nothing changes; it may be asked for as often as there are items that show it.
   */
  filter(request: FilterRequest): SourcePicture;
  /** milliseconds a picture, by filter id; by source id what a picture's way to its filters and back takes */
  filterCosts(): ReadonlyMap<string, number>;
  /** @returns false when the picture is the one drawn before: its planes are the same too */
  draw(frame: Frame): boolean;
  /** The picture drawn last as I420, BT.709 limited; `into` has exactly its size. Not to be called again before it resolves. */
  readI420(into: Uint8Array): Promise<void>;
  /** A canvas with the picture drawn last, to be copied before this task ends. */
  show(): OffscreenCanvas;
  dispose(): void;
}

/** Equal for two pictures exactly when they look the same. */
export function fingerprint(frame: Frame): string {
  if (!('mix' in frame)) return sceneFingerprint(frame);
  const { from, to, mix, wipeMap } = frame;
  return [sceneFingerprint(from), sceneFingerprint(to), JSON.stringify(mix), wipeMap?.revision].join('\n');
}

function sceneFingerprint({ background, layers }: Composition): string {
  let text = background;
  for (const {
    key,
    picture,
    placement: { from, to, rotationRad },
  } of layers) {
    text += `|${key},${picture.revision},${picture.mirrored},${from.x},${from.y},${from.width},${from.height},${to.x},${to.y},${to.width},${to.height},${rotationRad}`;
  }
  return text;
}
