/** What happened to a show's encodes and connections, for the interface to say in the user's language. */
import { z } from 'zod';
import { Ingest } from './destination.ts';
import { FilterRelief } from './filter.ts';
import { MetricName } from './metrics.ts';
import { EncoderChoice } from './profile.ts';
import { AudioSettings, ENCODER_PRESETS } from './rendition.ts';
import { VideoCodec, VideoEncoderName } from './video-encoder.ts';

/** What is given up for all encodes because encoding cannot keep up, and what comes before it in this order. */
export const ReliefKind = z.enum(['preset', 'frame-rate', 'size']);
export type ReliefKind = z.infer<typeof ReliefKind>;

const CodecName = z.enum([...VideoCodec.options, 'aac', 'opus']);
const Picture = z.strictObject({ widthPx: z.int(), heightPx: z.int(), frameRate: z.number() });

export const ActivityEvent = z.discriminatedUnion('kind', [
  /** one keeps failing, and the other takes its place; it is tried again so many minutes later */
  z.strictObject({ kind: z.literal('encoder-fallback'), from: EncoderChoice, to: EncoderChoice, inMinutes: z.int().nullable() }),
  z.strictObject({ kind: z.literal('encoder-again'), from: EncoderChoice, to: EncoderChoice }),
  /** `relief` null: nothing is given up any more; `most`: no encode has a larger picture */
  z.strictObject({
    kind: z.literal('relief'),
    isDown: z.boolean(),
    relief: ReliefKind.nullable(),
    preset: z.enum(ENCODER_PRESETS),
    most: Picture.nullable(),
  }),
  /** a destination's encode: one of its own, the others' again, the others' because the machine is too busy */
  z.strictObject({ kind: z.literal('encode-own'), kbps: z.int() }),
  z.strictObject({ kind: z.literal('encode-shared'), busy: z.boolean() }),
  /** by the rate; or as its settings say now */
  z.strictObject({ kind: z.literal('picture'), isSet: z.boolean(), picture: Picture }),
  z.strictObject({ kind: z.literal('connected'), how: z.enum(['first', 'again', 'moved', 'back']), ingest: Ingest }),
  /** the server does not take the show's picture or sound, and gets H.264 or AAC; lines of before do not say what and who */
  z.strictObject({ kind: z.literal('codec-fallback'), codec: CodecName.optional(), destination: z.string().optional() }),
  /** a profile saved while a show or a recording runs: it is used; `reopened`: from a new keyframe on */
  z.strictObject({
    kind: z.literal('settings-live'),
    reopened: z.boolean(),
    picture: Picture,
    encoder: VideoEncoderName,
    kbps: z.int(),
    /** lines of before do not say rate and channels */
    sound: z.strictObject({ codec: AudioSettings.shape.codec, kbps: z.int(), rateHz: z.int().optional(), channels: z.int().optional() }),
  }),
  /** … or cannot be, and that before goes on; in English why */
  z.strictObject({ kind: z.literal('settings-kept'), reason: z.string() }),
  /** … nor did that before come back; in English why */
  z.strictObject({ kind: z.literal('settings-lost'), reason: z.string() }),
  /** … or what of it counts from the next recording only */
  z.strictObject({ kind: z.literal('settings-later'), folder: z.boolean(), encode: z.boolean() }),
  /** a recording has become another file, since one holds one codec */
  z.strictObject({ kind: z.literal('recording-part'), path: z.string() }),
  /** the server does not take all of the further tracks, and the show goes on without those */
  z.strictObject({ kind: z.literal('tracks-left-out') }),
  /** the pictures of them give way to the first one, or are back */
  z.strictObject({ kind: z.literal('tracks-paused'), paused: z.boolean() }),
  /** what the page's filters give up because pictures would come late */
  z.strictObject({ kind: z.literal('filter-relief'), relief: FilterRelief, isDown: z.boolean() }),
  /** a figure has been beyond the user's limit for a while, or is back; `worst`: the furthest it went */
  z.strictObject({
    kind: z.literal('alert'),
    metric: MetricName,
    bad: z.enum(['above', 'below']),
    threshold: z.number(),
    worst: z.number(),
    began: z.boolean(),
  }),
]);
export type ActivityEvent = z.infer<typeof ActivityEvent>;
