/** Figures shown while a show runs. Counters count since the session began. */
import { z } from 'zod';
import { PublisherStatus } from './destination.ts';
import { Failure } from '../errors.ts';
import { RecorderState } from './recording.ts';

export const SessionState = z.discriminatedUnion('phase', [
  z.strictObject({ phase: z.literal('idle') }),
  z.strictObject({ phase: z.literal('starting') }),
  /** `live` is true when at least one destination is not the rehearsal */
  z.strictObject({ phase: z.literal('on-air'), sinceUs: z.number(), live: z.boolean() }),
  z.strictObject({ phase: z.literal('stopping') }),
]);
export type SessionState = z.infer<typeof SessionState>;

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
});
export type EncoderStats = z.infer<typeof EncoderStats>;

export const StudioStats = z.strictObject({
  timeUs: z.number(),
  session: SessionState,
  recorder: RecorderState,
  publishers: z.array(PublisherStatus),
  encoder: EncoderStats,
  engineCpuPct: z.number(),
  freeDiskBytes: z.number(),
});
export type StudioStats = z.infer<typeof StudioStats>;

/** A line of the activity list: what happened, what Tidecast did, what to do. Newest last. */
export const Activity = z.strictObject({
  id: z.int(),
  atMs: z.number(),
  level: z.enum(['info', 'warning', 'error']),
  /** whom it concerns: a destination, the encoder, the recording, a device */
  subject: z.string(),
  failure: Failure.nullable(),
  message: z.string(),
});
export type Activity = z.infer<typeof Activity>;
