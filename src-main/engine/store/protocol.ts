/** Messages between the store's client and its worker: a call exists only if it is listed here; zod checks both ends. */
import { z } from 'zod';
import {
  Activity,
  AssetId,
  Destination,
  DestinationId,
  MetricSample,
  Profile,
  ProfileId,
  Recording,
  RecordingId,
  SceneCollection,
} from '../../../src-shared/domain/index.ts';
import type { Failure, Result } from '../../../src-shared/errors.ts';
import { Asset } from '../../../src-shared/ipc/contract.ts';

export const JsonValue = z.json();
export type JsonValue = z.infer<typeof JsonValue>;

export const SessionRecord = z.strictObject({
  id: z.int(),
  startedAtMs: z.number(),
  endedAtMs: z.number().nullable(),
  live: z.boolean(),
  metrics: JsonValue,
});
export type SessionRecord = z.infer<typeof SessionRecord>;

export const StoredAsset = z.strictObject({ asset: Asset, path: z.string() });
export type StoredAsset = z.infer<typeof StoredAsset>;

const call = <I extends z.ZodType, O extends z.ZodType>(input: I, output: O) => ({ input, output });
const nothing = z.void();
const Bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array);
const Revised = z.strictObject({ revision: z.int(), collection: SceneCollection });
const RecordingChanges = Recording.omit({ id: true, hasThumbnail: true }).partial();
const byKey = z.strictObject({ key: z.string().min(1).max(200) });

export const storeCalls = {
  'profiles.list': call(nothing, z.strictObject({ activeId: ProfileId, profiles: z.array(Profile) })),
  'profiles.save': call(Profile, nothing),
  'profiles.activate': call(z.strictObject({ id: ProfileId }), nothing),
  'profiles.remove': call(z.strictObject({ id: ProfileId }), nothing),
  'collection.get': call(nothing, Revised),
  'collection.save': call(z.strictObject({ baseRevision: z.int(), collection: SceneCollection }), z.strictObject({ revision: z.int() })),
  'destinations.list': call(nothing, z.array(Destination)),
  'destinations.save': call(Destination, nothing),
  'destinations.remove': call(z.strictObject({ id: DestinationId }), nothing),
  'recordings.list': call(nothing, z.array(Recording)),
  'recordings.get': call(z.strictObject({ id: RecordingId }), Recording),
  'recordings.insert': call(Recording, nothing),
  'recordings.update': call(z.strictObject({ id: RecordingId, changes: RecordingChanges }), Recording),
  'recordings.remove': call(z.strictObject({ id: RecordingId }), nothing),
  'recordings.setThumbnail': call(z.strictObject({ id: RecordingId, jpeg: Bytes }), nothing),
  'recordings.thumbnail': call(z.strictObject({ id: RecordingId }), Bytes.nullable()),
  'assets.put': call(z.strictObject({ name: z.string(), mimeType: z.string(), bytes: Bytes }), Asset),
  'assets.list': call(nothing, z.array(Asset)),
  'assets.find': call(z.strictObject({ id: AssetId }), StoredAsset.nullable()),
  'activities.add': call(Activity.omit({ id: true }), Activity),
  'activities.list': call(z.strictObject({ limit: z.int().min(1).max(1_000) }), z.array(Activity)),
  'sessions.begin': call(z.strictObject({ startedAtMs: z.number(), live: z.boolean() }), z.strictObject({ id: z.int() })),
  'sessions.update': call(
    z.strictObject({ id: z.int(), changes: z.strictObject({ endedAtMs: z.number().optional(), metrics: JsonValue.optional() }) }),
    nothing,
  ),
  'sessions.list': call(z.strictObject({ limit: z.int().min(1).max(1_000) }), z.array(SessionRecord)),
  'metrics.add': call(MetricSample, nothing),
  'metrics.range': call(z.strictObject({ fromMs: z.number(), toMs: z.number(), most: z.int().min(1).max(10_000) }), z.array(MetricSample)),
  'settings.get': call(byKey, JsonValue.nullable()),
  'settings.set': call(byKey.extend({ value: JsonValue }), nothing),
  'settings.remove': call(byKey, nothing),
  close: call(nothing, nothing),
} as const;

export type StoreCall = keyof typeof storeCalls;
export type StoreInput<N extends StoreCall> = z.output<(typeof storeCalls)[N]['input']>;
export type StoreOutput<N extends StoreCall> = z.output<(typeof storeCalls)[N]['output']>;

export interface ToWorker {
  id: number;
  name: StoreCall;
  input: unknown;
}

export type FromWorker =
  | { type: 'opened'; opened: Result<{ incidents: Failure[] }> }
  | { type: 'reply'; id: number; result: Result<unknown> }
  | { type: 'log'; line: string };
