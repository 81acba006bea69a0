/** Figures shown while a show runs. Counters count since the session began. */
import { z } from 'zod';
import { Failure } from '../errors.ts';
import { ActivityEvent, ReliefKind } from './activity-event.ts';
import { PublisherStatus } from './destination.ts';
import { FilterRelief } from './filter.ts';
import { RenditionId } from './ids.ts';
import { LinkState } from './link.ts';
import { MetricValues } from './metrics.ts';
import { RecorderState } from './recording.ts';
import { ENCODER_PRESETS } from './rendition.ts';
import { VideoEncoderName } from './video-encoder.ts';

export const SessionState = z.discriminatedUnion('phase', [
  /** `finishing`: the show before is off the air, and what it leaves behind (the encoder's end, its history) is being put away */
  z.strictObject({ phase: z.literal('idle'), finishing: z.literal(true).optional() }),
  z.strictObject({ phase: z.literal('starting') }),
  /** `live` is true when at least one destination is not the rehearsal */
  z.strictObject({ phase: z.literal('on-air'), sinceUs: z.number(), live: z.boolean() }),
  z.strictObject({ phase: z.literal('stopping') }),
]);
export type SessionState = z.infer<typeof SessionState>;

/** One encode at work. */
export const EncodeState = z.strictObject({
  renditionId: RenditionId,
  encoder: VideoEncoderName,
  preset: z.enum(ENCODER_PRESETS),
  widthPx: z.int(),
  heightPx: z.int(),
  frameRate: z.number(),
  /** the encoder that is asked for, while another works in its place because it keeps failing */
  insteadOf: VideoEncoderName.nullable(),
  /** engine time at which that one is tried again */
  retryAtUs: z.number().nullable(),
  /** how much of the last second it had a picture in hand: at 100 it cannot keep up */
  busyPct: z.number(),
  /** pictures that wait for it */
  queued: z.int(),
});
export type EncodeState = z.infer<typeof EncodeState>;

export const EncoderStats = z.strictObject({
  /** output ticks encoded, by how their picture came */
  framesNew: z.int(),
  framesRepeated: z.int(),
  /** pictures that arrived after their tick had been filled by a repeat */
  framesLate: z.int(),
  silenceMs: z.number(),
  audioRebases: z.int(),
  encodeP50Ms: z.number(),
  encodeP95Ms: z.number(),
  cpuPct: z.number(),
  rssBytes: z.number(),
  restarts: z.int(),
  encodes: z.array(EncodeState).default([]),
  /** null: nothing is given up */
  relief: ReliefKind.nullable().default(null),
});
export type EncoderStats = z.infer<typeof EncoderStats>;

/** What the page's compositor takes for a picture. Percentiles are over its newest 300 pictures. */
export const CompositorStats = z.strictObject({
  backend: z.enum(['webgl2', 'cpu']),
  /** pictures composed (and handed over, while the encoder wants them) in the last second */
  framesPerSecond: z.int().min(0),
  /** ticks of the last second without a picture, because the encoder or the page was behind */
  framesSkipped: z.int().min(0),
  /** drawing the scene */
  composeP50Ms: z.number(),
  composeP95Ms: z.number(),
  /** converting it to I420, into the message for the encoder */
  i420P50Ms: z.number(),
  i420P95Ms: z.number(),
  /** from a picture's handing over to the encoder's answer */
  transportP50Ms: z.number(),
  transportP95Ms: z.number(),
  /** milliseconds a picture, by filter id; by source id what a picture's way to its filters and back takes */
  filterMs: z.record(z.string(), z.number()).default({}),
  /** what filters give up because pictures would come late */
  filterRelief: FilterRelief.default('none'),
  /** JavaScript's memory of the page; left out where the browser does not tell */
  heapBytes: z.number().min(0).optional(),
});
export type CompositorStats = z.infer<typeof CompositorStats>;

/**
 * How long pictures take, over the newest 300 of them; repeated ones do not count. 0 before the first.
 * capture (the page begins to compose) → packet (it is in the engine, encoded) → published (a destination's socket
 * has given its last byte to the system).
 */
export const PipelineLatency = z.strictObject({
  /** capture → packet */
  packetP50Ms: z.number(),
  packetP95Ms: z.number(),
  /** packet → published, over all destinations */
  publishP50Ms: z.number(),
  publishP95Ms: z.number(),
  /** capture → published */
  totalP95Ms: z.number(),
});
export type PipelineLatency = z.infer<typeof PipelineLatency>;

export const StudioStats = z.strictObject({
  timeUs: z.number(),
  session: SessionState,
  recorder: RecorderState,
  publishers: z.array(PublisherStatus),
  /** the made-up uplink of a network rehearsal, or null */
  link: LinkState.nullable(),
  encoder: EncoderStats,
  /** null when no page has reported for 3 s */
  compositor: CompositorStats.nullable(),
  latency: PipelineLatency,
  engineCpuPct: z.number(),
  /** the same and more, as charts and alert rules know them */
  metrics: MetricValues,
  freeDiskBytes: z.number(),
});
export type StudioStats = z.infer<typeof StudioStats>;

/** A show of the past, or the one that runs. */
export const ShowSummary = z.strictObject({
  id: z.int(),
  startedAtMs: z.number(),
  /** null: it runs, or was cut off */
  endedAtMs: z.number().nullable(),
  live: z.boolean(),
  // of all destinations, once it has ended
  framesSent: z.number(),
  framesDropped: z.number(),
  incidents: z.int(),
});
export type ShowSummary = z.infer<typeof ShowSummary>;

/** A line of the activity list: what happened, what Tidecast did, what to do. Newest last. */
export const Activity = z.strictObject({
  id: z.int(),
  atMs: z.number(),
  level: z.enum(['info', 'warning', 'error']),
  /** whom it concerns: a destination, the encoder, the recording, a device */
  subject: z.string(),
  failure: Failure.nullable(),
  /** in English */
  message: z.string(),
  /** the same for every language; left out: there is none but the message */
  event: ActivityEvent.optional(),
});
export type Activity = z.infer<typeof Activity>;
