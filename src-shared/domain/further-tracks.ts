/** Pictures and sounds that a destination gets besides its first ones, on the same connection (Enhanced RTMP). */
import { z } from 'zod';
import { OwnVideo } from './own-video.ts';
import { AudioSettings } from './rendition.ts';

export const TRACKS_MAX = { video: 4, audio: 2 } as const;

/** The show's sound once more; the rest of the settings is the show's. */
export const AudioTrack = z.strictObject({
  codec: z.enum(['aac', 'opus']).default('aac'),
  bitrateKbps: AudioSettings.shape.bitrateKbps,
});
export type AudioTrack = z.infer<typeof AudioTrack>;

/** Numbered from 1, in this order; 0 is what every destination gets. */
export const FurtherTracks = z.strictObject({
  video: z.array(OwnVideo).max(TRACKS_MAX.video).default([]),
  audio: z.array(AudioTrack).max(TRACKS_MAX.audio).default([]),
});
export type FurtherTracks = z.infer<typeof FurtherTracks>;

/** Those that a destination is set to get; none where it is set to get no Enhanced RTMP. */
export function tracksOf({ tracks, enhanced }: { tracks?: FurtherTracks | undefined; enhanced?: string | undefined }): FurtherTracks {
  return enhanced === 'never' || !tracks ? { video: [], audio: [] } : tracks;
}

/** Of the show's sounds besides its own: `ordinary` is the one in AAC for who does not take that, the others are tracks. */
export type SoundId = string;

/** The sound that such a track takes: destinations that want the same share one. */
export const soundOf = ({ codec, bitrateKbps }: AudioTrack): SoundId => `${codec}-${bitrateKbps}`;

/** What Opus cannot have of the show's settings is left out. */
export function trackAudio(show: AudioSettings, { codec, bitrateKbps }: AudioTrack): AudioSettings {
  return { ...show, codec, bitrateKbps, sampleRateHz: codec === 'opus' ? 48_000 : show.sampleRateHz };
}
