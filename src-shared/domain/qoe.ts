/**
 * What a viewer's player tells the server of itself: POST /api/streams/NAME/qoe, every few seconds while it plays, and
 * once more when the page is left. Nothing in it says who the viewer is.
 */
import { z } from 'zod';

const durationMs = z.number().min(0).max(86_400_000);
const count = z.int().min(0).max(1_000_000_000);

/**
 * The way of one picture from the camera to the screen, in order. Each is the time until the next begins; null: not known,
 * and then it is part of the next one that is.
 */
export const GLASS_STAGES = [
  /** from the camera's shutter (or the frame's coming to the page) until the page composes */
  'capture',
  /** composing, converting, and on to the encoder */
  'compose',
  'encode',
  /** from the encoder to the publisher's socket */
  'publish',
  /** until the live server has it, and while it is there: for HLS also until its part is complete */
  'server',
  /** from the live server to the player */
  'network',
  /** in the player, until the decoder takes it */
  'buffer',
  'decode',
  /** from the decoder to the screen */
  'render',
] as const;
export const GlassStage = z.enum(GLASS_STAGES);
export type GlassStage = z.infer<typeof GlassStage>;

export const GlassStagesMs = z.partialRecord(GlassStage, durationMs);
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
