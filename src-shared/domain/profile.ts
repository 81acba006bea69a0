/** How a show is encoded and recorded. Scenes are apart, so a profile can be shared. */
import { z } from 'zod';
import { ProfileId } from './ids.ts';
import { AudioSettings, VideoSettings } from './rendition.ts';
import { VideoEncoderName } from './video-encoder.ts';

/** One of those that are tried in turn. fast: at a preset that any machine keeps up with */
export const EncoderChoice = z.strictObject({ encoder: VideoEncoderName, fast: z.boolean() });
export type EncoderChoice = z.infer<typeof EncoderChoice>;

export const Profile = z.strictObject({
  id: ProfileId,
  name: z.string().min(1).max(100),
  video: VideoSettings,
  /** what takes over when the video's encoder keeps failing, best first; empty: other hardware of its codec, then software */
  encoderFallback: z.array(VideoEncoderName).max(20).default([]),
  audio: AudioSettings,
  recording: z.strictObject({
    /** absolute path; empty means the recordings folder of the data directory */
    folder: z.string().max(4_096).default(''),
    bitrateKbps: z.int().min(500).max(100_000).default(8_000),
    /** auto: an encode of its own when the machine has room */
    encode: z.enum(['auto', 'own', 'shared']).default('auto'),
  }),
});
export type Profile = z.infer<typeof Profile>;

export const DEFAULT_PROFILE: Profile = Profile.parse({
  id: 'default',
  name: 'Standard 720p',
  video: { widthPx: 1280, heightPx: 720, frameRate: 30, bitrateKbps: 2_500 },
  audio: {},
  recording: {},
});
