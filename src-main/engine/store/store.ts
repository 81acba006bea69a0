/**
 * What the engine keeps on disk, as typed asynchronous methods. SQLite runs in a worker thread behind it, so nothing
 * here blocks the engine. A write has been committed and synced when its promise resolves.
 * Stream keys are never given to the store.
 */
import type {
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
import type { Failure } from '../../../src-shared/errors.ts';
import type { Asset } from '../../../src-shared/ipc/contract.ts';
import type { JsonValue, SessionRecord, StoredAsset } from './protocol.ts';

export interface Store {
  /** What had to be done to open the data file: empty when it was whole. Each is worth an activity. */
  readonly incidents: readonly Failure[];

  readonly profiles: {
    list(): Promise<{ activeId: ProfileId; profiles: Profile[] }>;
    /** inserts or replaces by id */
    save(profile: Profile): Promise<void>;
    /** @throws store.not-found */
    activate(id: ProfileId): Promise<void>;
    /** the active profile cannot be removed (store.conflict) */
    remove(id: ProfileId): Promise<void>;
  };
  readonly collection: {
    get(): Promise<{ revision: number; collection: SceneCollection }>;
    /** @throws store.conflict when `baseRevision` is not the stored one; nothing is changed then */
    save(edit: { baseRevision: number; collection: SceneCollection }): Promise<{ revision: number }>;
  };
  readonly destinations: {
    /** in the order of their first save */
    list(): Promise<Destination[]>;
    save(destination: Destination): Promise<void>;
    remove(id: DestinationId): Promise<void>;
  };
  readonly recordings: {
    /** newest first */
    list(): Promise<Recording[]>;
    /** @throws store.not-found */
    get(id: RecordingId): Promise<Recording>;
    insert(recording: Recording): Promise<void>;
    /** @throws store.not-found; @returns the row after the change */
    update(id: RecordingId, changes: Partial<Omit<Recording, 'id' | 'hasThumbnail'>>): Promise<Recording>;
    /** removes the row; the file is the caller's */
    remove(id: RecordingId): Promise<void>;
    setThumbnail(id: RecordingId, jpeg: Uint8Array): Promise<void>;
    thumbnail(id: RecordingId): Promise<Uint8Array | null>;
  };
  readonly assets: {
    /** the id is the content's SHA-256: the same picture twice is one asset. @throws asset.too-large, asset.unsupported */
    put(file: { name: string; mimeType: string; bytes: Uint8Array }): Promise<Asset>;
    list(): Promise<Asset[]>;
    /** the asset and the absolute path of its bytes; null when there is none */
    find(id: AssetId): Promise<StoredAsset | null>;
  };
  readonly activities: {
    /** keeps the newest 1,000 */
    add(activity: Omit<Activity, 'id'>): Promise<Activity>;
    /** the newest `limit` (default 200), oldest of them first */
    list(limit?: number): Promise<Activity[]>;
  };
  /** History of shows. */
  readonly sessions: {
    begin(session: { startedAtMs: number; live: boolean }): Promise<{ id: number }>;
    /** `metrics` may be written again and again while the show runs */
    update(id: number, changes: { endedAtMs?: number; metrics?: JsonValue }): Promise<void>;
    /** newest first; `endedAtMs` is null for a show that runs or was cut off */
    list(limit?: number): Promise<SessionRecord[]>;
  };
  /** Small values by key. */
  readonly metrics: {
    /** one for each 10 s; a later one for the same replaces it */
    add(sample: MetricSample): Promise<void>;
    /** oldest first; folded to at most `most` */
    range(fromMs: number, toMs: number, most?: number): Promise<MetricSample[]>;
  };
  readonly settings: {
    get(key: string): Promise<JsonValue | null>;
    set(key: string, value: JsonValue): Promise<void>;
    remove(key: string): Promise<void>;
  };

  /** Waits for the calls before it, checkpoints and closes. Idempotent. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface StoreOptions {
  log?: (line: string) => void;
}
