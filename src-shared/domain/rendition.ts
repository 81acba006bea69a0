/** An encode job. Destinations that want the same share one. */
import { z } from 'zod';
import { RenditionId } from './ids.ts';

const even = (low: number, high: number) => z.int().min(low).max(high).multipleOf(2);

export const X264_PRESETS = ['ultrafast', 'superfast', 'veryfast', 'faster', 'fast', 'medium', 'slow', 'slower'] as const;

export const VideoSettings = z.strictObject({
  widthPx: even(64, 7_680),
  heightPx: even(64, 4_320),
  frameRate: z.number().min(1).max(120),
  codec: z.literal('h264').default('h264'),
  encoder: z.literal('libx264').default('libx264'),
  bitrateKbps: z.int().min(50).max(100_000),
  keyframeIntervalS: z.number().min(0.2).max(10).default(2),
  preset: z.enum(X264_PRESETS).default('veryfast'),
  tune: z.enum(['none', 'film', 'animation', 'zerolatency']).default('zerolatency'),
  bFrames: z.int().min(0).max(4).default(0),
});
export type VideoSettings = z.infer<typeof VideoSettings>;

export const AudioSettings = z.strictObject({
  codec: z.literal('aac').default('aac'),
  bitrateKbps: z.int().min(32).max(512).default(160),
});
export type AudioSettings = z.infer<typeof AudioSettings>;

export const Rendition = z.strictObject({ id: RenditionId, video: VideoSettings });
export type Rendition = z.infer<typeof Rendition>;
