/** Whether a recording gets an encode of its own. Pure policy. */
import type { Profile, VideoSettings } from '../../../src-shared/domain/index.ts';

export interface RecordingEncodePlan {
  ownEncode: boolean;
  /** one sentence for the user */
  reason: string;
}

export interface RecordingEncodeRequest {
  profile: Pick<Profile, 'video' | 'recording'>;
  logicalCores: number;
  /** the encode that the stream uses now or would use; null when nothing but the recording is wanted */
  streamRendition: VideoSettings | null;
}

/**
 * Cores that x264 veryfast keeps busy for a million pixels a second: 1920×1080 at 30 (62.2 Mpx/s) took 1.25 cores,
 * measured with x264 in FFmpeg 8.1 on a 2-core machine.
 */
const CORES_PER_MPX_PER_S = 1.25 / 62.2;
/** Work of the presets against veryfast, from x264's own comparisons; rounded up. */
const PRESET_WORK: Record<VideoSettings['preset'], number> = {
  ultrafast: 0.4,
  superfast: 0.6,
  veryfast: 1,
  faster: 1.5,
  fast: 2,
  medium: 2.5,
  slow: 4,
  slower: 8,
};
/** Composing, capture, sound and sending, in cores, for a million pixels a second; and what they take at any size. */
const STUDIO_CORES_PER_MPX_PER_S = 0.01;
const STUDIO_CORES = 0.4;
/** The rest is left to the game or the browser that is being shown. */
const USABLE_SHARE = 0.75;

export function planRecordingEncode({ profile, logicalCores, streamRendition }: RecordingEncodeRequest): RecordingEncodePlan {
  const { encode } = profile.recording;
  if (!streamRendition) return { ownEncode: true, reason: 'Nothing is being streamed, so the recording has the encoder to itself.' };
  if (encode === 'own') return { ownEncode: true, reason: 'The recording has an encode of its own, as set in the profile.' };
  if (encode === 'shared')
    return {
      ownEncode: false,
      reason: 'The recording shares the stream’s encode, as set in the profile: its quality follows the network.',
    };

  const needed = encodeCores(streamRendition) + encodeCores(profile.video) + studioCores(profile.video);
  const usable = logicalCores * USABLE_SHARE;
  const cores = `about ${needed.toFixed(1)} of ${logicalCores} cores`;
  return needed <= usable
    ? { ownEncode: true, reason: `The recording has an encode of its own: both take ${cores}.` }
    : {
        ownEncode: false,
        reason: `The recording shares the stream’s encode, since two would take ${cores}: its quality follows the network.`,
      };
}

const mpxPerS = ({ widthPx, heightPx, frameRate }: VideoSettings) => (widthPx * heightPx * frameRate) / 1e6;

const encodeCores = (video: VideoSettings) => mpxPerS(video) * CORES_PER_MPX_PER_S * PRESET_WORK[video.preset];

const studioCores = (video: VideoSettings) => STUDIO_CORES + mpxPerS(video) * STUDIO_CORES_PER_MPX_PER_S;
