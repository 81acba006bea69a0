/** Scenes: what is composed. One description for every compositor back end. */
import { z } from 'zod';
import { AudioInput } from './audio.ts';
import { type AssetId, SceneId, SceneItemId, SourceId } from './ids.ts';
import { Source } from './source.ts';
import { Transition } from './transition.ts';

const px = z.number().min(-32_768).max(32_768);
const cropPx = z.number().min(0).max(16_384);

/** Pixels cut from each edge of the source's own picture, before it is fitted into its box. */
export const Crop = z.strictObject({ leftPx: cropPx, topPx: cropPx, rightPx: cropPx, bottomPx: cropPx });
export type Crop = z.infer<typeof Crop>;

/**
 * The box on the canvas. (xPx, yPx) is the top-left corner of the box before rotation, in canvas pixels;
 * the box turns clockwise by rotationDeg about its own centre.
 */
export const Transform = z.strictObject({
  xPx: px,
  yPx: px,
  widthPx: z.number().min(1).max(32_768),
  heightPx: z.number().min(1).max(32_768),
  rotationDeg: z.number().min(-360).max(360).default(0),
});
export type Transform = z.infer<typeof Transform>;

export const SceneItem = z.strictObject({
  id: SceneItemId,
  sourceId: SourceId,
  visible: z.boolean().default(true),
  locked: z.boolean().default(false),
  transform: Transform,
  crop: Crop.default({ leftPx: 0, topPx: 0, rightPx: 0, bottomPx: 0 }),
  /** how the cropped picture fills the box: contain keeps it whole, cover fills the box, stretch ignores its aspect */
  fit: z.enum(['contain', 'cover', 'stretch']).default('contain'),
});
export type SceneItem = z.infer<typeof SceneItem>;

/** Items are in drawing order: the first is at the back. */
export const Scene = z.strictObject({
  id: SceneId,
  name: z.string().min(1).max(100),
  items: z.array(SceneItem).max(200),
  /** how it comes when it is put on the program; null: as the collection says */
  transition: Transition.nullable().default(null),
});
export type Scene = z.infer<typeof Scene>;

/** All that is composed and mixed. Sources live beside the scenes, so that one camera can be in several. */
export const SceneCollection = z
  .strictObject({
    name: z.string().min(1).max(100),
    canvas: z.strictObject({
      widthPx: z.int().min(64).max(7_680),
      heightPx: z.int().min(64).max(4_320),
      background: z.string().default('#000000'),
    }),
    /**
     * The strip along the top edge of the picture that says when it was composed, for measuring glass-to-glass: the low 32
     * bits of Unix time in milliseconds, as in src-shared/tick-strip.ts. Left out: there is none
     */
    timeCode: z.boolean().optional(),
    programSceneId: SceneId,
    /** how scenes come that have no transition of their own */
    transition: Transition.default({ kind: 'cut' }),
    scenes: z.array(Scene).min(1).max(200),
    sources: z.array(Source).max(500),
    audioInputs: z.array(AudioInput).max(50),
  })
  .superRefine((collection, context) => {
    const sources = new Set(collection.sources.map((source) => source.id));
    if (sources.size !== collection.sources.length) context.addIssue('two sources have the same id');
    if (!collection.scenes.some((scene) => scene.id === collection.programSceneId)) context.addIssue('programSceneId names no scene');
    for (const scene of collection.scenes)
      for (const item of scene.items) if (!sources.has(item.sourceId)) context.addIssue(`item ${item.id} names no source`);
  });
export type SceneCollection = z.infer<typeof SceneCollection>;

/** The files that a collection shows. */
export function assetsOf({ sources, scenes, transition }: SceneCollection): AssetId[] {
  const shown = sources.flatMap((source) => [
    source.kind === 'picture' ? source.assetId : null,
    ...source.filters.map((filter) => ('assetId' in filter ? filter.assetId : null)),
  ]);
  const wipes = [transition, ...scenes.map((scene) => scene.transition)].map((one) => (one?.kind === 'wipe' ? one.assetId : null));
  return [...new Set([...shown, ...wipes])].filter((id) => id !== null);
}
