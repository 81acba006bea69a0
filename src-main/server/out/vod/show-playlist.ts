/** A recorded show as HLS: its segments are ranges of its files, which every version of its playlist names alike. */
import { writeMasterPlaylist } from '../../../wire/hls/master-playlist.ts';
import { type MediaPlaylist, type PlaylistSegment, writeMediaPlaylist } from '../../../wire/hls/media-playlist.ts';
import type { Show } from '../../record/show.ts';
import { nearestRate } from '../hls/variant.ts';

/**
 * `event`: all of it so far, from its beginning. `vod`: all of it, when nothing follows. `window`: what is not older than the
 * DVR window, for players that begin at the live edge.
 */
export type ShowPlaylistKind = 'event' | 'vod' | 'window';

/** Players are promised so much (RFC 8216bis, 6.2.2). */
const LEAST_TARGETS = 3;

export function writeShowPlaylist(show: Show, kind: ShowPlaylistKind, windowMs: number): string {
  const { head, segments } = show;
  const type = ({ event: 'EVENT', vod: 'VOD', window: null } as const)[kind];
  const from = kind === 'window' ? windowBegin(show, windowMs) : 0;
  const playlist: MediaPlaylist = {
    targetDurationS: head.targetDurationS,
    mediaSequence: from,
    // a discontinuity of the first one listed is listed with it
    discontinuitySequence: segments.slice(0, from).filter(({ gap }) => gap).length,
    segments: segments.slice(from).map((segment, i): PlaylistSegment => {
      const { file, durationMs, atMs, gap } = segment;
      return {
        uri: `${from + i}.m4s`,
        durationS: durationMs / 1_000,
        programDateTimeMs: i === 0 || gap ? atMs : null,
        discontinuities: gap ? 1 : 0,
        mapUri: `i${file}.mp4`,
        parts: [],
      };
    }),
    lowLatency: null,
    kept: { type, ended: !show.running },
  };
  return writeMediaPlaylist(playlist);
}

function windowBegin({ segments, head }: Show, windowMs: number): number {
  const leastMs = Math.max(windowMs, LEAST_TARGETS * head.targetDurationS * 1_000);
  let listedMs = 0;
  let from = segments.length;
  while (from > 0 && listedMs < leastMs) {
    from -= 1;
    listedMs += segments[from]?.durationMs ?? 0;
  }
  return from;
}

/** Of the format that most of it has: what comes after a change says its own. */
export function writeShowMaster({ segments, files, totals }: Show, uri: string): string {
  const peakBps = segments.reduce((peak, { bytes, durationMs }) => Math.max(peak, (bytes * 8_000) / Math.max(1, durationMs)), 0);
  const pictures = segments.reduce((sum, segment) => sum + segment.pictures, 0);
  const sizes = files.map(({ picture }) => picture);
  const largest = sizes.toSorted((a, b) => (b?.widthPx ?? 0) * (b?.heightPx ?? 0) - (a?.widthPx ?? 0) * (a?.heightPx ?? 0))[0];
  const durationMs = Math.max(1, totals.durationMs);
  const variant = {
    uri,
    peakBps,
    averageBps: (totals.sizeBytes * 8_000) / durationMs,
    codecs: [...new Set(files.flatMap(({ codecs }) => codecs))],
    picture: largest ? { ...largest, frameRate: nearestRate((pictures * 1_000) / durationMs) } : null,
  };
  return writeMasterPlaylist([variant]);
}
