import { z } from 'zod';

/** Ids are made by whoever creates the object (`crypto.randomUUID()`); fixed ids exist for built-ins. */
const id = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[A-Za-z0-9_-]+$/);

export const SceneId = id.brand<'SceneId'>();
export type SceneId = z.infer<typeof SceneId>;
export const SourceId = id.brand<'SourceId'>();
export type SourceId = z.infer<typeof SourceId>;
export const SceneItemId = id.brand<'SceneItemId'>();
export type SceneItemId = z.infer<typeof SceneItemId>;
export const FilterId = id.brand<'FilterId'>();
export type FilterId = z.infer<typeof FilterId>;
export const AudioInputId = id.brand<'AudioInputId'>();
export type AudioInputId = z.infer<typeof AudioInputId>;
export const AssetId = id.brand<'AssetId'>();
export type AssetId = z.infer<typeof AssetId>;
export const DestinationId = id.brand<'DestinationId'>();
export type DestinationId = z.infer<typeof DestinationId>;
export const ProfileId = id.brand<'ProfileId'>();
export type ProfileId = z.infer<typeof ProfileId>;
export const RenditionId = id.brand<'RenditionId'>();
export type RenditionId = z.infer<typeof RenditionId>;
export const RecordingId = id.brand<'RecordingId'>();
export type RecordingId = z.infer<typeof RecordingId>;
