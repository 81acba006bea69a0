/** A destination's further pictures and sounds as they are being typed. Pure. */
import { AudioTrack, type Destination, FurtherTracks, type VideoSettings } from '../../../src-shared/domain/index.ts';
import { ownVideoOf, type VideoDraft, videoDraftOf } from './video-draft.ts';

export interface AudioDraft {
  codec: AudioTrack['codec'];
  kbps: string;
}

export interface TrackDrafts {
  video: VideoDraft[];
  audio: AudioDraft[];
}

/** of the first picture's rate: a quarter of its pixels needs more than a quarter of its bits */
const PART_OF_RATE = 0.3;
const LEAST_KBPS = 300;
const SOUND: AudioDraft = { codec: 'aac', kbps: '96' };

export function trackDraftsOf({ video, audio }: FurtherTracks = { video: [], audio: [] }): TrackDrafts {
  return { video: video.map(videoDraftOf), audio: audio.map(({ codec, bitrateKbps }) => ({ codec, kbps: String(bitrateKbps) })) };
}

/** null: a bitrate is none */
export function audioTrackOf({ codec, kbps }: AudioDraft): AudioTrack | null {
  const parsed = AudioTrack.safeParse({ codec, bitrateKbps: kbps.trim() === '' ? Number.NaN : Number(kbps) });
  return parsed.success ? parsed.data : null;
}

/** null: a bitrate is none */
export function furtherTracksOf({ video, audio }: TrackDrafts): FurtherTracks | null {
  const parsed = FurtherTracks.safeParse({ video: video.map(ownVideoOf), audio: audio.map(audioTrackOf) });
  return parsed.success ? parsed.data : null;
}

/** As a destination keeps them: nothing, where there are none. */
export function storedTracks(drafts: TrackDrafts): Pick<Destination, 'tracks'> {
  const tracks = furtherTracksOf(drafts);
  return tracks && tracks.video.length + tracks.audio.length > 0 ? { tracks } : {};
}

/** Half as wide and high as the one before it. */
export function withPicture({ video, audio }: TrackDrafts, first: VideoSettings): TrackDrafts {
  const before = (video.at(-1) && ownVideoOf(video.at(-1) as VideoDraft)) ?? first;
  const half = (px: number) => Math.max(64, Math.round(px / 4) * 2);
  const bitrateKbps = Math.max(LEAST_KBPS, Math.round((before.bitrateKbps * PART_OF_RATE) / 50) * 50);
  const smaller = { ...before, widthPx: half(before.widthPx), heightPx: half(before.heightPx), bitrateKbps };
  return { video: [...video, videoDraftOf(smaller)], audio };
}

export const withSound = ({ video, audio }: TrackDrafts): TrackDrafts => ({ video, audio: [...audio, SOUND] });
