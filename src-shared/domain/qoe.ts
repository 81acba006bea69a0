/**
 * What a viewer's player tells the server of itself: POST /api/streams/NAME/qoe, every few seconds while it plays, and
 * once more when the page is left. Nothing in it says who the viewer is.
 */
import { z } from 'zod';
import { GLASS_STAGES } from './glass-stages.ts';

const durationMs = z.number().min(0).max(86_400_000);
const count = z.int().min(0).max(1_000_000_000);

export const GlassStagesMs = z.partialRecord(z.enum(GLASS_STAGES), durationMs);
export type GlassStagesMs = z.infer<typeof GlassStagesMs>;

export const QoeBeacon = z.strictObject({
  /** random, of this visit: tells viewers apart */
  viewerId: z.string().regex(/^[0-9a-f]{16,32}$/),
  protocol: z.enum(['flv', 'ws-flv', 'll-hls', 'hls']),
  state: z.enum(['starting', 'playing', 'buffering', 'paused', 'ended']),
  /** glass-to-glass, median of the last second; null: the stream carries no times, or the clocks' offset is not known yet */
  glassMs: durationMs.nullable(),
  /** what `glassMs` was read from: the times in the stream, or the time code in the picture */
  glassFrom: z.enum(['stream', 'picture']).nullable(),
  stagesMs: GlassStagesMs.nullable(),
  /** media in the player that was not shown yet */
  bufferMs: durationMs,
  /** from opening the connection to the first picture; null before it */
  startupMs: durationMs.nullable(),
  /** from here on counters of this visit */
  playedMs: durationMs,
  stalls: count,
  stalledMs: durationMs,
  reconnects: count,
  shownFrames: count,
  droppedFrames: count,
  /** the rung that plays; null: not known */
  bitrateKbps: z.number().min(0).max(1_000_000).nullable(),
  widthPx: z.int().min(0).max(16_384).nullable(),
  heightPx: z.int().min(0).max(16_384).nullable(),
});
export type QoeBeacon = z.infer<typeof QoeBeacon>;
