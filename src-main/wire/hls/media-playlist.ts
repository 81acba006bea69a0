/**
 * A media playlist as text: of a live show, for low latency (parts) or without, or of one that is kept.
 * @see RFC 8216bis (draft-pantos-hls-rfc8216bis), clauses as cited
 */

export interface PlaylistPart {
  uri: string;
  durationS: number;
  /** decoding may begin in it */
  independent: boolean;
}

export interface PlaylistSegment {
  /** null while its parts are still coming */
  uri: string | null;
  durationS: number;
  /** wall clock at its first sample, Unix time; null: it follows from the one before */
  programDateTimeMs: number | null;
  /** how often times, codecs or tracks became others since the segment before: more than once where nothing was made in between */
  discontinuities: number;
  /** Media Initialization Section; null in MPEG-TS */
  mapUri: string | null;
  /** those that are still listed: all of the last three target durations, or none */
  parts: readonly PlaylistPart[];
}

/** How far the others of the same show are, so that a player may change over without asking twice. */
export interface RenditionReport {
  uri: string;
  lastMsn: number;
  lastPart: number | null;
}

export interface MediaPlaylist {
  targetDurationS: number;
  mediaSequence: number;
  discontinuitySequence: number;
  /** oldest first; only the last may be without a URI */
  segments: readonly PlaylistSegment[];
  /** null: whole segments only */
  lowLatency: {
    partTargetS: number;
    /** the part that comes next; null when nobody knows */
    hintUri: string | null;
    reports: readonly RenditionReport[];
  } | null;
  /** of a show that is kept; left out: of a live one, whose requests may wait for what comes next */
  kept?: {
    /** EVENT: segments come at its end, and none goes. VOD: it never changes. Null: the oldest go (4.4.3.5) */
    type: 'EVENT' | 'VOD' | null;
    /** nothing follows (4.4.3.4) */
    ended: boolean;
  };
}

/** EXT-X-MAP with whole segments; floating EXTINF; EXT-X-SKIP (clause 7) */
const VERSION = { mpegTs: 3, map: 6, skip: 9 } as const;
/** PART-HOLD-BACK in part targets, HOLD-BACK and the skip boundary in target durations: the least that 4.4.3.8 asks for */
const PART_HOLD_BACK = 3;
const HOLD_BACK = 3;
const SKIP_BOUNDARY = 6;
const END = '#EXT-X-ENDLIST';

/** @param options.skip a delta update (6.2.5.1): what is older than the skip boundary is only counted */
export function writeMediaPlaylist(playlist: MediaPlaylist, options: { skip?: boolean } = {}): string {
  const { targetDurationS, mediaSequence, discontinuitySequence, segments, lowLatency, kept } = playlist;
  const skipped = options.skip ? skippable(playlist) : 0;
  const lines = [
    '#EXTM3U',
    `#EXT-X-VERSION:${version(playlist)}`,
    `#EXT-X-TARGETDURATION:${targetDurationS}`,
    ...(kept ? [] : [`#EXT-X-SERVER-CONTROL:${serverControl(playlist)}`]),
    ...(kept?.type ? [`#EXT-X-PLAYLIST-TYPE:${kept.type}`] : []),
    ...(kept?.type === 'EVENT' ? ['#EXT-X-START:TIME-OFFSET=0'] : []), // from the beginning, not from the live edge (4.4.2.2)
    ...(lowLatency ? [`#EXT-X-PART-INF:PART-TARGET=${seconds(lowLatency.partTargetS)}`] : []),
    `#EXT-X-MEDIA-SEQUENCE:${mediaSequence}`,
    `#EXT-X-DISCONTINUITY-SEQUENCE:${discontinuitySequence}`,
  ];
  if (skipped > 0) lines.push(`#EXT-X-SKIP:SKIPPED-SEGMENTS=${skipped}`);
  const map = skipped > 0 ? (segments[skipped - 1]?.mapUri ?? null) : null; // the reader has it from before (4.4.5.2)
  const text = `${lines.join('\n')}\n${writeSegments(segments.slice(skipped), map)}`;
  const end = [...(lowLatency ? tail(lowLatency) : []), ...(kept?.ended ? [END] : [])];
  return end.length === 0 ? text : `${text}${end.join('\n')}\n`;
}

/** What a playlist that only grows has more of than before. @param mapBefore of the segment before; null: there is none */
export function writeSegments(segments: readonly PlaylistSegment[], mapBefore: string | null): string {
  let text = '';
  let map = mapBefore;
  for (const segment of segments) {
    for (const line of segmentLines(segment, map)) text += `${line}\n`;
    map = segment.mapUri;
  }
  return text;
}

function version({ segments, lowLatency }: MediaPlaylist): number {
  if (lowLatency) return VERSION.skip;
  return segments.some(({ mapUri }) => mapUri !== null) ? VERSION.map : VERSION.mpegTs;
}

/** @see 4.4.3.8 */
function serverControl({ targetDurationS, lowLatency }: MediaPlaylist): string {
  const attributes = ['CAN-BLOCK-RELOAD=YES'];
  if (lowLatency) {
    attributes.push(`CAN-SKIP-UNTIL=${seconds(SKIP_BOUNDARY * targetDurationS)}`);
    attributes.push(`PART-HOLD-BACK=${seconds(PART_HOLD_BACK * lowLatency.partTargetS)}`);
  }
  attributes.push(`HOLD-BACK=${seconds(HOLD_BACK * targetDurationS)}`);
  return attributes.join(',');
}

/** How many segments end further from the end than the skip boundary. */
function skippable({ segments, targetDurationS, lowLatency }: MediaPlaylist): number {
  if (!lowLatency) return 0;
  let left = segments.reduce((sum, { uri, durationS }) => sum + (uri === null ? 0 : durationS), 0);
  let skipped = 0;
  for (const { durationS } of segments) {
    left -= durationS;
    if (left < SKIP_BOUNDARY * targetDurationS) break;
    skipped += 1;
  }
  return skipped;
}

/** What applies to a segment comes before its first part (4.4.4.9). */
function segmentLines(segment: PlaylistSegment, mapBefore: string | null): string[] {
  const lines: string[] = [];
  for (let i = 0; i < segment.discontinuities; i += 1) lines.push('#EXT-X-DISCONTINUITY');
  if (segment.mapUri !== null && segment.mapUri !== mapBefore) lines.push(`#EXT-X-MAP:URI="${segment.mapUri}"`);
  const { programDateTimeMs } = segment;
  if (programDateTimeMs !== null) lines.push(`#EXT-X-PROGRAM-DATE-TIME:${new Date(programDateTimeMs).toISOString()}`);
  for (const { uri, durationS, independent } of segment.parts) {
    lines.push(`#EXT-X-PART:DURATION=${seconds(durationS)},URI="${uri}"${independent ? ',INDEPENDENT=YES' : ''}`);
  }
  if (segment.uri !== null) lines.push(`#EXTINF:${seconds(segment.durationS)},`, segment.uri);
  return lines;
}

/** @see 4.4.5.3 and 4.4.5.4 */
function tail({ hintUri, reports }: NonNullable<MediaPlaylist['lowLatency']>): string[] {
  const lines = hintUri === null ? [] : [`#EXT-X-PRELOAD-HINT:TYPE=PART,URI="${hintUri}"`];
  for (const { uri, lastMsn, lastPart } of reports) {
    lines.push(`#EXT-X-RENDITION-REPORT:URI="${uri}",LAST-MSN=${lastMsn}${lastPart === null ? '' : `,LAST-PART=${lastPart}`}`);
  }
  return lines;
}

/** Decimal, without an exponent, to the 10 µs: a frame of sound has no whole milliseconds. */
function seconds(value: number): string {
  return value.toFixed(5).replace(/\.?0+$/, '');
}
