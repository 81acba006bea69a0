import { z } from 'zod';
import { Failure } from '../errors.ts';
import { RecordingId } from './ids.ts';

/** A row of the recordings list. `interrupted`: the engine ended while recording; the file was checked at the next start. */
export const Recording = z.strictObject({
  id: RecordingId,
  path: z.string(),
  startedAtMs: z.number(),
  durationMs: z.number(),
  sizeBytes: z.number(),
  widthPx: z.int(),
  heightPx: z.int(),
  status: z.enum(['recording', 'complete', 'interrupted', 'missing']),
  hasThumbnail: z.boolean(),
});
export type Recording = z.infer<typeof Recording>;

/** `ownEncode`: the recording has an encode of its own; otherwise its rate follows the stream's, its size and frame rate only what the user sets. */
export const RecorderState = z.discriminatedUnion('phase', [
  z.strictObject({ phase: z.literal('idle'), failure: Failure.nullable() }),
  z.strictObject({
    phase: z.literal('recording'),
    recordingId: RecordingId,
    sinceUs: z.number(),
    path: z.string(),
    sizeBytes: z.number(),
    ownEncode: z.boolean(),
    reason: z.string(),
  }),
]);
export type RecorderState = z.infer<typeof RecorderState>;
