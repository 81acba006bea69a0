/** Where a show goes. The stream key is not part of it: keys are kept apart and never leave the engine. */
import { z } from 'zod';
import { Failure } from '../errors.ts';
import { DestinationId } from './ids.ts';

export const Destination = z.strictObject({
  id: DestinationId,
  name: z.string().min(1).max(100),
  /** rehearsal: the embedded live server; the engine fills in its address and key */
  kind: z.enum(['rehearsal', 'rtmp']),
  /** rtmp[s]://host[:port]/app — without the stream key; empty for a rehearsal */
  url: z.string().max(2_000),
  enabled: z.boolean(),
});
export type Destination = z.infer<typeof Destination>;

/** What the interface may see: whether a key is set, never the key. */
export const DestinationView = z.strictObject({ ...Destination.shape, hasKey: z.boolean() });
export type DestinationView = z.infer<typeof DestinationView>;

export const REHEARSAL_ID = DestinationId.parse('rehearsal');

/** The publisher's state machine, as data. Times are engine time (microseconds since its epoch). */
export const PublisherState = z.discriminatedUnion('phase', [
  z.strictObject({ phase: z.literal('idle') }),
  z.strictObject({ phase: z.literal('connecting'), attempt: z.int().min(1) }),
  z.strictObject({ phase: z.literal('live'), sinceUs: z.number(), reconnects: z.int().min(0) }),
  z.strictObject({ phase: z.literal('waiting'), attempt: z.int().min(1), dueUs: z.number(), failure: Failure }),
  z.strictObject({ phase: z.literal('stopping') }),
  z.strictObject({ phase: z.literal('stopped'), failure: Failure.nullable() }),
]);
export type PublisherState = z.infer<typeof PublisherState>;

export const PublisherStats = z.strictObject({
  bitrateKbps: z.number(),
  /** media waiting to be sent: our queue and, where known, what the peer has not acknowledged */
  queueMs: z.number(),
  queueBytes: z.number(),
  framesSent: z.int(),
  framesDropped: z.int(),
  bytesSent: z.number(),
});
export type PublisherStats = z.infer<typeof PublisherStats>;

export const PublisherStatus = z.strictObject({ destinationId: DestinationId, state: PublisherState, stats: PublisherStats });
export type PublisherStatus = z.infer<typeof PublisherStatus>;
