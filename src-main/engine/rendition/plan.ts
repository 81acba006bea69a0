/** Which encodes a show needs: one for all destinations or several, and the recording's own or the stream's. Pure. */
import {
  type AudioSettings,
  type AudioTrack,
  describeEncoder,
  type OwnVideo,
  type Profile,
  type ReliefKind,
  type Rendition,
  RenditionId,
  renditionOf,
  type SoundId,
  trackAudio,
  VideoEncoderName,
  type VideoSettings,
  withOwn,
} from '../../../src-shared/domain/index.ts';
import type { MediaDemand } from '../../../src-shared/ipc/contract.ts';
import type { FurtherSound } from '../../process/encoder-contract.ts';
import type { PictureFormat } from '../rate-control/ladder.ts';

export const STREAM_RENDITION = renditionOf(null);
export const RECORDING_RENDITION = RenditionId.parse('recording');
/** 854 × 480 is 16:9 */
const SAME_SHAPE = 0.01;

/** The encode of the same in H.264, for the destinations that do not take the codec of the settings. */
export function ordinaryOf(id: RenditionId): RenditionId {
  return RenditionId.parse(`${id}-h264`);
}

export const ORDINARY_SOUND: SoundId = 'ordinary';
const ORDINARY_AUDIO_KBPS = 128;

export interface ShowWants {
  streaming: boolean;
  /** own: an encode at the recording's bitrate; shared: it takes the stream's; moving: from its own to the stream's */
  recording: 'none' | 'own' | 'moving' | 'shared';
  /** the stream's encodes besides the first, and the formats of those that differ from the profile's (null: they do not) */
  streams?: ReadonlyMap<RenditionId, PictureFormat | null>;
  /** those of them that are H.264 whatever the settings say */
  ordinary?: ReadonlySet<RenditionId>;
  /** of those that have not the show's video: what destinations are set to get instead */
  own?: ReadonlyMap<RenditionId, OwnVideo>;
  /** the sound once more in AAC, for destinations that do not take the show's own codec */
  ordinarySound?: boolean;
  /** the sound once more for destinations that get several, as tracks */
  trackSounds?: ReadonlyMap<SoundId, AudioTrack>;
  /** no destination takes the first encode: it is left out, unless it is recorded */
  idle?: boolean;
  /** of a show whose encoding cannot keep up: what is given up, and the preset of all encodes; formats are in `streams` */
  relief?: { kind: ReliefKind; preset: VideoSettings['preset'] } | null;
}

export interface RenditionPlan {
  /** null: nothing is wanted */
  demand: MediaDemand | null;
  audio: AudioSettings;
  /** the show's sound in other forms besides */
  sounds: FurtherSound[];
  renditions: Rendition[];
  /** what takes over from an encoder that keeps failing; empty: what this machine has */
  fallback: readonly VideoEncoderName[];
  /** the rendition that goes into a file, whose codec must stay */
  recorded: RenditionId | null;
  /** those that are H.264 whatever the settings say, and whatever fails: their destinations take nothing else */
  ordinary: ReadonlySet<RenditionId>;
  relief: ReliefKind | null;
}

export function planRenditions(profile: Profile, wants: ShowWants): RenditionPlan {
  const { audio, recording, encoderFallback } = profile;
  const relief = wants.relief ?? null;
  const video = { ...profile.video, preset: relief?.preset ?? profile.video.preset };
  const renditions: Rendition[] = [];
  const recordsStream = wants.recording === 'shared' || wants.recording === 'moving'; // a move may have been made a moment ago
  if (streamsFirst(wants) || recordsStream) renditions.push({ id: STREAM_RENDITION, video: streamVideo(video, wants) });
  if (wants.streaming)
    for (const [id, format] of wants.streams ?? []) {
      if (id === STREAM_RENDITION) continue;
      const set = withOwn(video, wants.own?.get(id) ?? null);
      renditions.push({ id, video: { ...(wants.ordinary?.has(id) ? ordinaryVideo(set) : set), ...format } });
    }
  if (wants.recording === 'own' || wants.recording === 'moving')
    renditions.push({ id: RECORDING_RENDITION, video: { ...video, bitrateKbps: recording.bitrateKbps } });
  return {
    demand: renditions.length > 0 ? demandOf(video, wants) : null,
    audio,
    sounds: wants.streaming ? furtherSounds(audio, wants) : [],
    renditions,
    fallback: encoderFallback,
    recorded: recordedRendition(wants),
    ordinary: wants.ordinary ?? new Set(),
    relief: relief?.kind ?? null,
  };
}

export const streamsFirst = ({ streaming, idle }: ShowWants): boolean => streaming && !idle;

/** The pictures that all encodes are made from: of the show's shape, as large and as many as the most of them need. */
function demandOf(video: VideoSettings, { streaming, own }: ShowWants): MediaDemand {
  const alike = ({ widthPx, heightPx }: PictureFormat) =>
    Math.abs((widthPx * video.heightPx) / (heightPx * video.widthPx) - 1) < SAME_SHAPE;
  let { widthPx, heightPx, frameRate } = video;
  for (const one of streaming ? (own?.values() ?? []) : []) {
    if (alike(one) && one.widthPx > widthPx) ({ widthPx, heightPx } = one);
    frameRate = Math.max(frameRate, one.frameRate);
  }
  return { widthPx, heightPx, frameRate };
}

/** What runs is not given less: that would open all encodes anew. */
export function grownDemand(before: MediaDemand, now: MediaDemand): MediaDemand {
  const { widthPx, heightPx } = now.widthPx > before.widthPx ? now : before;
  return { widthPx, heightPx, frameRate: Math.max(before.frameRate, now.frameRate) };
}

function recordedRendition({ recording }: ShowWants): RenditionId | null {
  if (recording === 'none') return null;
  return recording === 'own' ? RECORDING_RENDITION : STREAM_RENDITION;
}

/** A recording keeps the size it began with, so the encode that it takes does as well. */
function streamVideo(video: VideoSettings, { streaming, recording, streams }: ShowWants): VideoSettings {
  const fixed = !streaming || recording === 'shared' || recording === 'moving';
  return fixed ? video : { ...video, ...streams?.get(STREAM_RENDITION) };
}

/** The same picture in H.264, by the same hardware where it has an encoder for that. Profile, level and depth are another codec's. */
function ordinaryVideo(video: VideoSettings): VideoSettings {
  const { family, hardware, codec } = describeEncoder(video.encoder);
  // a show of H.264 gets here when another codec has taken over from its encoder, which then is not the one to open
  const twin = hardware && codec !== 'h264' ? VideoEncoderName.safeParse(`h264_${family}`).data : undefined;
  return { ...video, codec: 'h264', encoder: twin ?? 'libx264', profile: 'auto', level: null, bitDepth: 8 };
}

function furtherSounds(audio: AudioSettings, { ordinarySound, trackSounds }: ShowWants): FurtherSound[] {
  const ordinary = ordinarySound ? ordinaryAudio(audio) : null;
  const tracks = [...(trackSounds ?? [])].map(([id, track]) => ({ id, settings: trackAudio(audio, track) }));
  return [...(ordinary ? [{ id: ORDINARY_SOUND, settings: ordinary }] : []), ...tracks];
}

/** AAC needs more than Opus for the same; what is AAC already needs no second one. */
function ordinaryAudio(audio: AudioSettings): AudioSettings | null {
  return audio.codec === 'opus' ? { ...audio, codec: 'aac', bitrateKbps: Math.max(ORDINARY_AUDIO_KBPS, audio.bitrateKbps) } : null;
}

/**
 * What to close and open to get from one set of encodes to another; one whose settings differ is in both: it is opened anew.
 * Another bitrate alone is set in the encode that runs.
 */
export function renditionChanges(from: readonly Rendition[], to: readonly Rendition[]): { close: RenditionId[]; open: Rendition[] } {
  const same = (a: Rendition, b: Rendition) => a.id === b.id && isSameEncode(a.video, b.video);
  return {
    close: from.filter((old) => !to.some((kept) => same(old, kept))).map(({ id }) => id),
    open: to.filter((wanted) => !from.some((old) => same(old, wanted))),
  };
}

/** whatever the bitrate, which changes in place */
export function isSameEncode({ bitrateKbps: _a, ...a }: VideoSettings, { bitrateKbps: _b, ...b }: VideoSettings): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

export const isSameSound = (a: AudioSettings | null, b: AudioSettings | null): boolean => JSON.stringify(a) === JSON.stringify(b);

export function sameDemand(a: MediaDemand | null, b: MediaDemand | null): boolean {
  if (a === null || b === null) return a === b;
  return a.widthPx === b.widthPx && a.heightPx === b.heightPx && a.frameRate === b.frameRate;
}
