/**
 * The typed contract between the interface and the engine. A call or an event exists only if it is listed here;
 * input and output are zod schemas checked at both ends; failures travel as data (`Result`).
 */
import { z } from 'zod';
import {
  Activity,
  ActivityEvent,
  Alert,
  AlertRules,
  AssetId,
  CompositorStats,
  Destination,
  DestinationId,
  DestinationView,
  EncoderChoice,
  EncoderReport,
  IgnoredSetting,
  LadderChoice,
  LinkProfileId,
  MetricSample,
  Profile,
  ProfileId,
  PublisherStatus,
  RatePolicy,
  RecorderState,
  Recording,
  RecordingId,
  SceneCollection,
  SceneId,
  SessionState,
  ShowSummary,
  StudioStats,
  VideoEncoderName,
  VideoSettings,
} from '../domain/index.ts';
import { ErrorCode } from '../errors.ts';

const call = <I extends z.ZodType, O extends z.ZodType>(input: I, output: O) => ({ input, output });
const nothing = z.void();
const Bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array, 'must be bytes');

/** What the renderer must deliver to the encoder now. Null in `MediaDemand | null` means: nothing is wanted. */
export const MediaDemand = z.strictObject({ widthPx: z.int(), heightPx: z.int(), frameRate: z.number() });
export type MediaDemand = z.infer<typeof MediaDemand>;

/** How the renderer reaches the encoder's media listener; `port` means a MessagePort comes from the shell. */
export const MediaEndpoint = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('webSocket'), url: z.string(), token: z.string() }),
  z.strictObject({ kind: z.literal('port') }),
]);
export type MediaEndpoint = z.infer<typeof MediaEndpoint>;

export const StudioInfo = z.strictObject({
  version: z.string(),
  host: z.enum(['electron', 'browser']),
  dataDirectory: z.string(),
  recordingsDirectory: z.string(),
  /** base URL of the live server's viewer pages, or null while it is not running */
  viewerUrl: z.string().nullable(),
  /** whether viewers on this machine's network may watch */
  lan: z.boolean(),
  /** the same for them, the likeliest first; empty while they may not, or without a network */
  lanUrls: z.array(z.string()),
  /** whether rehearsals are kept, to be watched again */
  keepsShows: z.boolean(),
  /** the other qualities that the rehearsal is offered in */
  ladder: LadderChoice,
  logicalCores: z.int(),
});
export type StudioInfo = z.infer<typeof StudioInfo>;

/** An asset's bytes are served to the renderer at `assets/<id>` of its own origin. */
export const Asset = z.strictObject({ id: AssetId, name: z.string(), mimeType: z.string(), sizeBytes: z.int() });
export type Asset = z.infer<typeof Asset>;
export const ASSET_BYTES_MAX = 32 * 1024 * 1024;

export const calls = {
  'studio.info': call(nothing, StudioInfo),

  'collection.get': call(nothing, z.strictObject({ revision: z.int(), collection: SceneCollection })),
  /** `baseRevision` is the revision the edit was made on; a stale one fails with store.conflict and changes nothing */
  'collection.save': call(z.strictObject({ baseRevision: z.int(), collection: SceneCollection }), z.strictObject({ revision: z.int() })),
  'scene.cut': call(z.strictObject({ sceneId: SceneId }), z.strictObject({ revision: z.int() })),

  'profile.list': call(nothing, z.strictObject({ activeId: ProfileId, profiles: z.array(Profile) })),
  'profile.save': call(Profile, nothing),
  'profile.activate': call(z.strictObject({ id: ProfileId }), nothing),

  'destination.list': call(nothing, z.array(DestinationView)),
  /** `streamKey` undefined leaves the stored key as it is; an empty string removes it */
  'destination.save': call(z.strictObject({ destination: Destination, streamKey: z.string().max(512).optional() }), nothing),
  'destination.remove': call(z.strictObject({ id: DestinationId }), nothing),
  'destination.retry': call(z.strictObject({ id: DestinationId }), nothing),

  /** starts all enabled destinations; resolves once the encoder has started, not when every server has answered */
  'session.start': call(nothing, SessionState),
  /** within 2 s; what is still to be put away then is told by the session's `finishing`, and another show may begin */
  'session.stop': call(nothing, nothing),
  /**
   * a show to the embedded live server alone, whatever destinations are enabled; `link`: through that made-up uplink;
   * `rate`: the policy to try, in this rehearsal only (nothing is saved); left out, it is that of the built-in destination
   */
  'session.rehearse': call(z.strictObject({ link: LinkProfileId.nullable(), rate: RatePolicy.optional() }), SessionState),
  /** another uplink for the rehearsal that runs; session.not-live without one */
  'rehearsal.link': call(z.strictObject({ link: LinkProfileId.nullable() }), nothing),
  /** the page's `online` event: destinations that wait are tried at once; without a show it means nothing */
  'network.online': call(nothing, nothing),

  /** lets viewers on this machine's network watch, or no longer; kept, and the live server starts anew */
  'server.lan': call(z.strictObject({ on: z.boolean() }), nothing),
  /** keeps rehearsals for viewers to watch again, or no longer; kept, and the live server starts anew */
  'server.keepShows': call(z.strictObject({ on: z.boolean() }), nothing),
  /** which other qualities the rehearsal is offered in, from now on; kept */
  'server.ladder': call(z.strictObject({ choice: LadderChoice }), nothing),

  'recording.start': call(nothing, Recording),
  'recording.stop': call(nothing, Recording),
  'recording.list': call(nothing, z.array(Recording)),
  'recording.remove': call(z.strictObject({ id: RecordingId, deleteFile: z.boolean() }), nothing),
  /** a JPEG picture, or null where there is none */
  'recording.thumbnail': call(z.strictObject({ id: RecordingId }), Bytes.nullable()),

  /** a fresh one-time token and the address for one media connection */
  'media.open': call(nothing, MediaEndpoint),
  'media.demand': call(nothing, MediaDemand.nullable()),

  /** what is known of this machine's encoders; where nothing is, or drivers have changed, a probe begins and `encoders.changed` follows */
  'encoders.list': call(nothing, EncoderReport),
  /** tries all of them anew, in the background; resolves when it has */
  'encoders.probe': call(nothing, EncoderReport),
  /** which of the settings their encoder cannot honour, and why */
  'encoders.ignored': call(VideoSettings, z.array(IgnoredSetting)),
  /** what is tried in turn with such a profile, by what the last probe has found; `list` empty: automatic */
  'encoders.chain': call(z.strictObject({ video: VideoSettings, list: z.array(VideoEncoderName).max(20) }), z.array(EncoderChoice)),

  'asset.put': call(z.strictObject({ name: z.string().max(255), mimeType: z.string().max(100), bytes: Bytes }), Asset),
  'asset.list': call(nothing, z.array(Asset)),

  'activity.list': call(nothing, z.array(Activity)),
  /** the renderer reports what only it can see, such as an unplugged camera */
  'activity.report': call(
    z.strictObject({
      subject: z.string().max(200),
      level: Activity.shape.level,
      code: ErrorCode.nullable(),
      message: z.string().max(1_000),
      /** the same for every language */
      event: ActivityEvent.optional(),
    }),
    nothing,
  ),
  /** the page reports once a second what its compositor takes; it comes back as part of the figures */
  'compositor.report': call(CompositorStats, nothing),
  'stats.get': call(nothing, StudioStats),

  /** the last quarter of an hour, a sample a second; `stats` goes on with them */
  'metrics.recent': call(nothing, z.array(MetricSample)),
  /** Unix times; a few hundred samples, however long it is: one each 10 s for a day, one each 5 min for 30 days */
  'metrics.history': call(z.strictObject({ fromMs: z.number(), toMs: z.number() }), z.array(MetricSample)),
  /** newest first */
  'metrics.shows': call(nothing, z.array(ShowSummary)),
  'alerts.list': call(nothing, z.array(Alert)),
  /** in place of all rules */
  'alerts.save': call(AlertRules, nothing),
} as const;

export type CallName = keyof typeof calls;
export type CallInput<N extends CallName> = z.input<(typeof calls)[N]['input']>;
export type CallOutput<N extends CallName> = z.output<(typeof calls)[N]['output']>;

/** Pushes from the engine. Each carries the whole new value, so a lost or late one does no harm. */
export const events = {
  /** the live server has come up at an address, or is down */
  'studio.changed': StudioInfo,
  'collection.changed': z.strictObject({ revision: z.int(), collection: SceneCollection }),
  'profiles.changed': z.strictObject({ activeId: ProfileId, profiles: z.array(Profile) }),
  'destinations.changed': z.array(DestinationView),
  'session.changed': SessionState,
  'publishers.changed': z.array(PublisherStatus),
  'recorder.changed': RecorderState,
  'recordings.changed': z.array(Recording),
  /** a probe of the encoders has begun or ended */
  'encoders.changed': EncoderReport,
  'media.demand': MediaDemand.nullable(),
  /** the encoder has been replaced: open the media connections anew with `media.open` */
  'media.reopen': z.null(),
  'activity.added': Activity,
  /** a rule was changed, or has another phase */
  'alerts.changed': z.array(Alert),
  /** once a second */
  stats: StudioStats,
} as const;

export type EventName = keyof typeof events;
export type EventValue<N extends EventName> = z.output<(typeof events)[N]>;
