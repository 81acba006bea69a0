/** What the encoders of this machine can do, as a probe found by encoding with them. */
import { z } from 'zod';
import { VideoEncoderName } from './video-encoder.ts';

/** Why an encoder is not available. The interface has a text for each; `detail` is what it speaks of. */
export const UnavailableCode = z.enum([
  /** its driver or runtime library is not installed; detail: the library */
  'no-driver',
  /** detail: the version that is needed, as the driver's library says it */
  'old-driver',
  /** the library is there, and finds no such graphics card; detail: where it was looked for */
  'no-device',
  /** the user may not use the device; detail: its path */
  'no-permission',
  /** the card or its driver does not encode this codec */
  'no-codec',
  /** all of the card's encoding sessions are in use */
  'no-session',
  /** this build of FFmpeg does not have it */
  'not-built-in',
  /** it opened and took pictures, and gave no keyframe */
  'no-keyframe',
  /** the probe's process ended while it was tried; detail: how */
  'crashed',
  /** it did not answer in time; detail: how long was waited, in seconds */
  'hung',
  /** anything else; detail: what FFmpeg said */
  'failed',
]);
export type UnavailableCode = z.infer<typeof UnavailableCode>;

export const Unavailable = z.strictObject({ code: UnavailableCode, detail: z.string().max(300) });
export type Unavailable = z.infer<typeof Unavailable>;

/** Seen to work, not read from a data sheet. */
export const EncoderSkills = z.strictObject({
  bFrames: z.boolean(),
  tenBit: z.boolean(),
  inPlaceBitrate: z.boolean(),
  onDemandIdr: z.boolean(),
  /** a picture's packet comes before the next picture is given in */
  lowLatency: z.boolean(),
  /** the largest of 1080p, 2160p and 4320p that it opens with */
  maxWidthPx: z.int(),
  maxHeightPx: z.int(),
  /** how many pictures of 1080p a second it encoded; null for software, whose pace is the machine's */
  maxFps1080p: z.number().nullable(),
});
export type EncoderSkills = z.infer<typeof EncoderSkills>;

export const EncoderCapabilities = z.discriminatedUnion('available', [
  z.strictObject({ encoder: VideoEncoderName, available: z.literal(true), skills: EncoderSkills }),
  z.strictObject({ encoder: VideoEncoderName, available: z.literal(false), reason: Unavailable }),
]);
export type EncoderCapabilities = z.infer<typeof EncoderCapabilities>;

export const EncoderReport = z.strictObject({
  /** a probe runs now, and another report follows */
  probing: z.boolean(),
  /** when the answers were found; null before there are any */
  probedAtMs: z.number().nullable(),
  tookMs: z.number().nullable(),
  /** in the order in which they are worth trying: hardware first */
  encoders: z.array(EncoderCapabilities),
});
export type EncoderReport = z.infer<typeof EncoderReport>;
