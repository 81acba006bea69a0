/** A recorded show as HLS: its segments are ranges of its files, which every version of its playlist names alike. */
import { writeMasterPlaylist } from '../../../wire/hls/master-playlist.ts';
import { type PlaylistSegment, writeMediaPlaylist, writeSegments } from '../../../wire/hls/media-playlist.ts';
import type { Show } from '../../record/show.ts';
import type { ShowSegment } from '../../record/show-index.ts';
import { withToken } from '../hls/routes.ts';
import { nearestRate } from '../hls/variant.ts';

/**
 * `event`: all of it so far, from its beginning. `vod`: all of it, when nothing follows. `window`: what is not older than the
 * DVR window, for players that begin at the live edge.
 */
export type ShowPlaylistKind = 'event' | 'vod' | 'window';

/** Players are promised so much (RFC 8216bis, 6.2.2). */
const LEAST_TARGETS = 3;

/** A playlist as it was written last. */
interface Written {
  segments: number;
  running: boolean;
  bytes: Buffer;
  /** cut where a viewer's token goes, at the end of each address; made when it is first asked for */
  pieces: string[] | null;
}

/**
 * The playlists of all shows, each written once for a state of its show, however many ask: that of a long show has hundreds
 * of kilobytes. EVENT, which never loses anything, only gets what came since.
 */
export class ShowPlaylists {
  readonly #windowMs: number;
  readonly #written = new WeakMap<Show, Map<ShowPlaylistKind, Written>>();

  /** @param windowMs of what `window` lists */
  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  /** The same bytes for as long as nothing changes. */
  bytes(show: Show, kind: ShowPlaylistKind): Buffer {
    return this.#current(show, kind).bytes;
  }

  /** With the token in every address. */
  withToken(show: Show, kind: ShowPlaylistKind, token: string): Buffer {
    const written = this.#current(show, kind);
    written.pieces ??= cut(written.bytes.toString());
    return Buffer.from(written.pieces.join(`?viewer=${token}`), 'latin1'); // all of it is ASCII: quicker than UTF-8
  }

  #write(show: Show, kind: ShowPlaylistKind): Written {
    const bytes = Buffer.from(writeShowPlaylist(show, kind, this.#windowMs));
    return { segments: show.segments.length, running: show.running, bytes, pieces: null };
  }

  #current(show: Show, kind: ShowPlaylistKind): Written {
    const { segments, running } = show;
    const ofShow = this.#written.get(show) ?? new Map<ShowPlaylistKind, Written>();
    this.#written.set(show, ofShow);
    const last = ofShow.get(kind);
    if (last?.segments === segments.length && last.running === running) return last;
    const written = kind === 'event' && running && last ? lengthened(last, segments) : this.#write(show, kind);
    ofShow.set(kind, written);
    return written;
  }
}

/** Of what was written before, which is used up by it. */
function lengthened({ segments: from, bytes, pieces }: Written, segments: readonly ShowSegment[]): Written {
  const more = writeMore(segments, from);
  if (pieces) {
    const [rest = '', ...others] = cut(more);
    pieces.push(`${pieces.pop() ?? ''}${rest}`, ...others);
  }
  return { segments: segments.length, running: true, bytes: Buffer.concat([bytes, Buffer.from(more)]), pieces };
}

/** No address has the end of a line in it. */
const cut = (text: string) => withToken(text, '\n').split('?viewer=\n');

function writeMore(segments: readonly ShowSegment[], from: number): string {
  const before = segments[from - 1];
  return writeSegments(
    segments.slice(from).map((segment, i) => listed(segment, from + i, false)),
    before ? mapUri(before) : null,
  );
}

function writeShowPlaylist(show: Show, kind: ShowPlaylistKind, windowMs: number): string {
  const { head, segments } = show;
  const type = ({ event: 'EVENT', vod: 'VOD', window: null } as const)[kind];
  const from = kind === 'window' ? windowBegin(show, windowMs) : 0;
  return writeMediaPlaylist({
    targetDurationS: head.targetDurationS,
    mediaSequence: from,
    // a discontinuity of the first one listed is listed with it
    discontinuitySequence: segments.slice(0, from).filter(({ gap }) => gap).length,
    segments: segments.slice(from).map((segment, i) => listed(segment, from + i, i === 0 || kind === 'window')),
    lowLatency: null,
    kept: { type, ended: !show.running },
  });
}

const mapUri = ({ file }: ShowSegment) => `i${file}.mp4`;

/** @param isDated where any may become the first all are: nothing listed may change (RFC 8216bis, 6.2.1) */
function listed(segment: ShowSegment, msn: number, isDated: boolean): PlaylistSegment {
  const { durationMs, atMs, gap } = segment;
  return {
    uri: `${msn}.m4s`,
    durationS: durationMs / 1_000,
    programDateTimeMs: isDated || gap ? atMs : null,
    discontinuities: gap ? 1 : 0,
    mapUri: mapUri(segment),
    parts: [],
  };
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
export function writeShowMaster({ files, totals, pictures, peakBps }: Show, uri: string): string {
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
