/** An encode job. Destinations that want the same share one. */
import { z } from 'zod';
import { RenditionId } from './ids.ts';
import { VideoCodec, VideoEncoderName } from './video-encoder.ts';

const even = (low: number, high: number) => z.int().min(low).max(high).multipleOf(2);

/** x264's names, from the fastest to the best; every family's own scale is mapped onto them. */
export const ENCODER_PRESETS = ['ultrafast', 'superfast', 'veryfast', 'faster', 'fast', 'medium', 'slow', 'slower'] as const;

/** How a picture fills an encode of another shape. contain: all of it, between bars; cover: cropped */
export const Fit = z.enum(['contain', 'cover']);
export type Fit = z.infer<typeof Fit>;

/** One model for all encoders. What an encoder lacks is left out by its option table, which says so. Colour is BT.709 limited, always. */
export const VideoSettings = z.strictObject({
  widthPx: even(64, 7_680),
  heightPx: even(64, 4_320),
  frameRate: z.number().min(1).max(120),
  /** of a show whose picture has another shape */
  fit: Fit.default('contain'),
  codec: VideoCodec.default('h264'),
  encoder: VideoEncoderName.default('libx264'),
  /** cbr: never above the bitrate over the buffer; vbr: average with a maximum; abr: average alone; cq: constant quality */
  rateControl: z.enum(['cbr', 'vbr', 'abr', 'cq']).default('cbr'),
  bitrateKbps: z.int().min(50).max(100_000),
  /** of vbr and cq; null: half as much again as the bitrate for vbr, none for cq */
  maxBitrateKbps: z.int().min(50).max(200_000).nullable().default(null),
  /** of cbr and vbr: how much media the decoder's buffer holds (VBV, HRD) */
  bufferS: z.number().min(0.1).max(10).default(1),
  /** of cq: 0 is the best, 51 the smallest (x264's CRF; AV1's 0–63 is scaled) */
  quality: z.number().min(0).max(51).default(23),
  keyframeIntervalS: z.number().min(0.2).max(10).default(2),
  preset: z.enum(ENCODER_PRESETS).default('veryfast'),
  tune: z.enum(['none', 'film', 'animation', 'zerolatency']).default('zerolatency'),
  profile: z.enum(['auto', 'baseline', 'main', 'high', 'main10']).default('auto'),
  /** "4.1"; null: what size, rate and frames ask for */
  level: z
    .string()
    .regex(/^[1-7](\.[0-3])?$/)
    .nullable()
    .default(null),
  bFrames: z.int().min(0).max(4).default(0),
  /** null: what preset and tune bring along */
  lookaheadFrames: z.int().min(0).max(120).nullable().default(null),
  referenceFrames: z.int().min(1).max(16).nullable().default(null),
  bitDepth: z.union([z.literal(8), z.literal(10)]).default(8),
});
export type VideoSettings = z.infer<typeof VideoSettings>;

/**
 * Why a setting has no effect.
 * encoder: this encoder has nothing of the kind; codec: its codec has not; low-latency: it would cost delay, which the
 * tune forbids; rate-control: it means nothing with this one.
 */
export const IgnoredReason = z.enum(['encoder', 'codec', 'low-latency', 'rate-control']);
export type IgnoredReason = z.infer<typeof IgnoredReason>;

export const IgnoredSetting = z.strictObject({ setting: VideoSettings.keyof(), reason: IgnoredReason });
export type IgnoredSetting = z.infer<typeof IgnoredSetting>;

export const AudioSettings = z
  .strictObject({
    /** aac: AAC-LC */
    codec: z.enum(['aac', 'he-aac', 'opus']).default('aac'),
    bitrateKbps: z.int().min(32).max(512).default(160),
    /** what is sent and recorded; the studio itself mixes at 48,000 */
    sampleRateHz: z.union([z.literal(44_100), z.literal(48_000)]).default(48_000),
    /** mono is half of each side, so that nothing gets too loud */
    channels: z.union([z.literal(1), z.literal(2)]).default(2),
  })
  .refine(({ codec, sampleRateHz }) => codec !== 'opus' || sampleRateHz === 48_000, {
    error: 'Opus plays at 48,000 Hz, whatever it is made from (RFC 7845, 5.1). Choose 48,000 Hz, or AAC.',
    path: ['sampleRateHz'],
  });
export type AudioSettings = z.infer<typeof AudioSettings>;

/** Why there is no HE-AAC: FFmpeg's own encoder knows AAC-LC only, and this build is under the GPL. */
export const heAacProblem =
  'HE-AAC cannot be made: FFmpeg’s own encoder makes AAC-LC only, and the licence of libfdk_aac does not fit the GPL that Tidecast is under. Choose AAC or Opus; Opus is the better of the two at low bitrates.';

/**
 * The most that an encoder makes use of, in kbps. AAC: 6,144 bits a frame of 1,024 samples and channel (ISO/IEC 14496-3,
 * 4.5.3.1), libopus: 256 kbps a channel, of which FFmpeg takes nothing above.
 */
export function maxAudioKbps({ codec, sampleRateHz, channels }: AudioSettings): number {
  const aChannel = codec === 'opus' ? 256 : (6.144 * sampleRateHz) / 1_024;
  return Math.min(512, Math.floor(aChannel * channels));
}

/** What is made where more is asked for than an encoder makes use of; in kbps. */
export const usedAudioKbps = (settings: AudioSettings): number => Math.min(maxAudioKbps(settings), settings.bitrateKbps);

export const Rendition = z.strictObject({ id: RenditionId, video: VideoSettings });
export type Rendition = z.infer<typeof Rendition>;
