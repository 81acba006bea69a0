/** Where a show goes. The stream key is not part of it: keys are kept apart and never leave the engine. */
import { z } from 'zod';
import { Failure } from '../errors.ts';
import { FurtherTracks } from './further-tracks.ts';
import { DestinationId, RenditionId } from './ids.ts';
import { OwnVideo } from './own-video.ts';

/** How the bitrate of the video follows the way to the server. */
export const RatePolicy = z.strictObject({
  /** fixed: always the ceiling, and pictures are dropped when it does not fit */
  mode: z.enum(['follow', 'fixed']).default('follow'),
  floorKbps: z.int().min(50).max(100_000).default(300),
  /** null: the bitrate of the video that it gets */
  ceilingKbps: z.int().min(50).max(100_000).nullable().default(null),
  /** whether size and frame rate may change in mid-stream when the rate is too low for them: platforms may end such a stream */
  allowSizeChange: z.boolean().default(false),
});
export type RatePolicy = z.infer<typeof RatePolicy>;

/** A second way in to the same platform. failover: used while the first is down; both: the show goes to both at once. */
export const BackupIngest = z.strictObject({ url: z.string().max(2_000), mode: z.enum(['failover', 'both']).default('failover') });
export type BackupIngest = z.infer<typeof BackupIngest>;

export const Ingest = z.enum(['primary', 'backup']);
export type Ingest = z.infer<typeof Ingest>;

/**
 * Whether a destination is sent Enhanced RTMP: HEVC, AV1, Opus. auto (also when it is left out): what its server announces.
 * always: for a server that takes it without saying so. never: H.264 and AAC, for one that announces more than it can use.
 */
export const EnhancedUse = z.enum(['auto', 'always', 'never']);
export type EnhancedUse = z.infer<typeof EnhancedUse>;

export const Destination = z.strictObject({
  id: DestinationId,
  name: z.string().min(1).max(100),
  /** rehearsal: the embedded live server; the engine fills in its address and key */
  kind: z.enum(['rehearsal', 'rtmp']),
  /** rtmp[s]://host[:port]/app — without the stream key; empty for a rehearsal */
  url: z.string().max(2_000),
  enabled: z.boolean(),
  /** null: the show's video */
  video: OwnVideo.nullable().default(null),
  rate: RatePolicy.prefault({}),
  backup: BackupIngest.nullable().default(null),
  /** how long the platform keeps a stream that has dropped: so long a refused key is tried again */
  graceS: z.int().min(0).max(3_600).default(90),
  enhanced: EnhancedUse.optional(),
  /** left out: none. Sent where the server takes several tracks, by what `enhanced` says */
  tracks: FurtherTracks.optional(),
  /** whether pictures carry the times of their way, for viewers to measure it. Left out: to our own live server only */
  pictureTimes: z.boolean().optional(),
});
export type Destination = z.infer<typeof Destination>;

/** What the interface may see: whether a key is set, never the key. */
export const DestinationView = z.strictObject({ ...Destination.shape, hasKey: z.boolean() });
export type DestinationView = z.infer<typeof DestinationView>;

export const REHEARSAL_ID = DestinationId.parse('rehearsal');

/**
 * The publisher's state machine, as data. Times are engine time (microseconds since its epoch).
 * `graceUntilUs`: until when the platform is expected to keep the show that has dropped; null before the first live connection.
 */
export const PublisherState = z.discriminatedUnion('phase', [
  z.strictObject({ phase: z.literal('idle') }),
  z.strictObject({ phase: z.literal('connecting'), attempt: z.int().min(1), ingest: Ingest, graceUntilUs: z.number().nullable() }),
  z.strictObject({ phase: z.literal('live'), sinceUs: z.number(), reconnects: z.int().min(0), ingest: Ingest }),
  z.strictObject({
    phase: z.literal('waiting'),
    attempt: z.int().min(1),
    dueUs: z.number(),
    failure: Failure,
    ingest: Ingest,
    graceUntilUs: z.number().nullable(),
  }),
  /** the ingest in use has failed, and the other is tried at once */
  z.strictObject({
    phase: z.literal('failing-over'),
    attempt: z.int().min(1),
    failure: Failure,
    ingest: Ingest,
    graceUntilUs: z.number().nullable(),
  }),
  z.strictObject({ phase: z.literal('stopping') }),
  z.strictObject({ phase: z.literal('stopped'), failure: Failure.nullable() }),
]);
export type PublisherState = z.infer<typeof PublisherState>;

/** Why the rate is what it is. */
export const RateReason = z.enum([
  /** nothing limits it but the ceiling */
  'ceiling',
  /** the link takes no more */
  'link',
  /** the link has become slower, and what waits is being sent off */
  'draining',
  /** the link seems to take more again */
  'rising',
  /** the rate is fixed by the user */
  'fixed',
  /** others share the encode, and most of them need less */
  'shared',
  /** the others' encode is more than its link takes: it drops pictures for itself */
  'dropping',
]);
export type RateReason = z.infer<typeof RateReason>;

/** What is known of delivery. report: our own server tells what it has, and when; ack: the server acknowledges; tcp: the system tells of its socket; socket: only when it takes more. */
export const DeliveryEvidence = z.enum(['report', 'ack', 'tcp', 'socket']);
export type DeliveryEvidence = z.infer<typeof DeliveryEvidence>;

export const PublisherStats = z.strictObject({
  bitrateKbps: z.number(),
  /** media waiting to be sent: our queue and, where known, what the peer has not acknowledged */
  queueMs: z.number(),
  queueBytes: z.number(),
  /** 0: all that is encoded is delivered; 1: pictures are being dropped */
  congestion: z.number().min(0).max(1),
  evidence: DeliveryEvidence,
  /** null where the system does not tell */
  rttMs: z.number().nullable(),
  retransmittedPackets: z.number().nullable(),
  framesSent: z.int(),
  framesDropped: z.int(),
  bytesSent: z.number(),
  /** jumps of the media's clock that were taken out of the stream's timestamps */
  clockJumps: z.int(),
});
export type PublisherStats = z.infer<typeof PublisherStats>;

/** What rate control asks of one destination's video, and why. */
export const PublisherRate = z.strictObject({
  targetKbps: z.number(),
  floorKbps: z.number(),
  ceilingKbps: z.number(),
  reason: RateReason,
  renditionId: RenditionId,
  /** the size and frame rate it gets now */
  widthPx: z.int(),
  heightPx: z.int(),
  frameRate: z.number(),
});
export type PublisherRate = z.infer<typeof PublisherRate>;

/** Why a destination is sent other codecs than the show's own, which the others and the recording keep. */
export const CodecFallback = z.strictObject({
  /** H.264 in the place of the show's picture */
  video: z.boolean(),
  /** AAC in the place of the show's sound */
  audio: z.boolean(),
  /** `rtmp.codec`; null: the destination is set to be sent nothing else */
  failure: Failure.nullable(),
});
export type CodecFallback = z.infer<typeof CodecFallback>;

/** The tracks besides the first picture and sound that a destination is set to get. */
export const TracksStatus = z.strictObject({
  /** how many of them it is sent */
  video: z.int().min(0),
  audio: z.int().min(0),
  /** the pictures of them give way to the first one while the network takes too little for all */
  paused: z.boolean(),
  /** `rtmp.codec`: why some are left out; null: none are */
  failure: Failure.nullable(),
});
export type TracksStatus = z.infer<typeof TracksStatus>;

/** One connection of a show. A destination that sends to both its ingests has two. */
export const PublisherStatus = z.strictObject({
  destinationId: DestinationId,
  /** the ingest this connection belongs to; `state` says which of them it uses when it fails over */
  ingest: Ingest,
  state: PublisherState,
  stats: PublisherStats,
  rate: PublisherRate,
  /** left out: it gets the show's own codecs */
  codecFallback: CodecFallback.optional(),
  /** left out: it is set to get none */
  tracks: TracksStatus.optional(),
});
export type PublisherStatus = z.infer<typeof PublisherStatus>;
