/**
 * Takes a tag with several tracks, or with modifiers, apart into tags of one track as players have always known them.
 * Of modifiers nothing is left: a time offset is finer than the milliseconds that viewers get, and by the letter it
 * "does not alter the core RTMP timestamp".
 * @see Veovera, Enhanced RTMP v2, ExVideoTagHeader and ExAudioTagHeader
 */
import { buildAacBody, buildAvcBody } from '../../wire/flv.ts';
import { AUDIO_FOURCC, buildExAudioBody, parseExAudioBody } from '../../wire/flv-extended-audio.ts';
import { buildExVideoBody, parseExVideoBody, VIDEO_FOURCC } from '../../wire/flv-extended-video.ts';
import { WireError } from '../../wire/wire-error.ts';

export interface TrackBody {
  /** 0 is the default */
  track: number;
  body: Uint8Array;
}

const EX_AUDIO = 9;
const MULTITRACK = { video: 6, audio: 5 } as const;
const MOD_EX = 7;

/** @returns one for each track; nothing of a tag that is broken, or that has neither a header nor media in it */
export function splitTracks(kind: 'video' | 'audio', body: Uint8Array): TrackBody[] {
  if (!isCompound(kind, body[0] ?? 0)) return [{ track: 0, body }];
  try {
    return kind === 'video' ? splitVideo(body) : splitAudio(body);
  } catch (error) {
    if (error instanceof WireError) return [];
    throw error;
  }
}

function isCompound(kind: 'video' | 'audio', first: number): boolean {
  const isExtended = kind === 'video' ? (first & 0x80) !== 0 : first >> 4 === EX_AUDIO;
  return isExtended && ((first & 15) === MULTITRACK[kind] || (first & 15) === MOD_EX);
}

function splitVideo(body: Uint8Array): TrackBody[] {
  const { key, packet, tracks } = parseExVideoBody(body);
  if (packet !== 'header' && packet !== 'nalu') return [];
  return tracks.map(({ id, fourCc, compositionMs, data }) => ({
    track: id,
    body:
      fourCc === VIDEO_FOURCC.h264
        ? buildAvcBody({ key, packet, compositionMs, data })
        : buildExVideoBody({ key, packet, nanoOffset: null, list: null, tracks: [{ id: 0, fourCc, compositionMs, data }] }),
  }));
}

function splitAudio(body: Uint8Array): TrackBody[] {
  const { packet, tracks } = parseExAudioBody(body);
  if (packet !== 'header' && packet !== 'frame') return [];
  return tracks.map(({ id, fourCc, data }) => ({
    track: id,
    body:
      fourCc === AUDIO_FOURCC.aac
        ? buildAacBody({ packet, data })
        : buildExAudioBody({ packet, nanoOffset: null, list: null, tracks: [{ id: 0, fourCc, data }] }),
  }));
}
