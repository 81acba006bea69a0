/**
 * Judges playlists by the rules of RFC 8216bis (draft-pantos-hls-rfc8216bis), and nothing else: it shares no code with
 * what writes them. Every complaint names its clause.
 */

interface CheckedPart {
  uri: string;
  durationS: number;
  independent: boolean;
}

export interface CheckedSegment {
  msn: number;
  /** null while it is being made */
  uri: string | null;
  durationS: number;
  discontinuity: number;
  mapUri: string | null;
  programDateTimeMs: number | null;
  parts: CheckedPart[];
}

export interface CheckedPlaylist {
  version: number;
  targetDurationS: number;
  mediaSequence: number;
  discontinuitySequence: number;
  partTargetS: number | null;
  partHoldBackS: number | null;
  skipUntilS: number | null;
  skipped: number;
  segments: CheckedSegment[];
  hintUri: string | null;
  /** null: a live one */
  type: 'EVENT' | 'VOD' | null;
  /** nothing follows */
  ended: boolean;
  reports: { uri: string; lastMsn: number; lastPart: number | null }[];
}

const ATTRIBUTE = /([A-Z0-9-]+)=("[^"\r\n]*"|[^",\s][^,]*)(?:,|$)/y;
const EPSILON = 1e-6;

/** @throws on what breaks the syntax of an attribute list (4.2) */
export function parseAttributes(text: string): Map<string, string> {
  const attributes = new Map<string, string>();
  ATTRIBUTE.lastIndex = 0;
  for (let at = 0; at < text.length; at = ATTRIBUTE.lastIndex) {
    const match = ATTRIBUTE.exec(text);
    if (!match) throw new Error(`4.2: not an attribute list: ${text}`);
    const [, name = '', value = ''] = match;
    if (attributes.has(name)) throw new Error(`4.2: ${name} comes twice`);
    attributes.set(name, value);
  }
  return attributes;
}

/** @param kept of a show that is kept, not of a live one. @returns what it says; `complaints` gets every rule it breaks */
export function parseMediaPlaylist(text: string, complaints: string[] = [], kept = false): CheckedPlaylist {
  return new MediaPlaylistReader(text, complaints, kept).read();
}

class MediaPlaylistReader {
  readonly #lines: string[];
  readonly #complaints: string[];
  readonly #playlist: CheckedPlaylist;
  readonly #seen = new Map<string, number>();
  #segment: CheckedSegment | null = null;
  #discontinuities = 0;
  #mapUri: string | null = null;
  #extinfS: number | null = null;
  readonly #kept: boolean;

  constructor(text: string, complaints: string[], kept: boolean) {
    this.#complaints = complaints;
    this.#kept = kept;
    if (text.includes('\ufeff')) this.#complain('4.1: a byte order mark');
    if (!text.endsWith('\n')) this.#complain('4.1: the last line is not ended');
    this.#lines = text.split(/\r?\n/);
    this.#playlist = {
      version: 1,
      targetDurationS: Number.NaN,
      mediaSequence: 0,
      discontinuitySequence: 0,
      partTargetS: null,
      partHoldBackS: null,
      skipUntilS: null,
      skipped: 0,
      segments: [],
      hintUri: null,
      type: null,
      ended: false,
      reports: [],
    };
  }

  read(): CheckedPlaylist {
    if (this.#lines[0] !== '#EXTM3U') this.#complain('4.4.1.1: EXTM3U is not the first line');
    for (const line of this.#lines.slice(1)) {
      if (line === '' || (line.startsWith('#') && !line.startsWith('#EXT'))) continue;
      if (line.startsWith('#')) this.#tag(line);
      else this.#uri(line);
    }
    if (this.#segment) this.#playlist.segments.push(this.#segment); // of parts alone
    if (this.#extinfS !== null) this.#complain('4.4.4.1: EXTINF without a URI');
    this.#checkWhole();
    return this.#playlist;
  }

  #complain(text: string): void {
    this.#complaints.push(text);
  }

  #current(): CheckedSegment {
    const { mediaSequence, skipped, segments } = this.#playlist;
    this.#segment ??= {
      msn: mediaSequence + skipped + segments.length,
      uri: null,
      durationS: 0,
      discontinuity: this.#playlist.discontinuitySequence + this.#discontinuities,
      mapUri: this.#mapUri,
      programDateTimeMs: null,
      parts: [],
    };
    return this.#segment;
  }

  #tag(line: string): void {
    const colon = line.indexOf(':');
    const name = colon < 0 ? line.slice(1) : line.slice(1, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1);
    this.#seen.set(name, (this.#seen.get(name) ?? 0) + 1);
    const playlist = this.#playlist;
    switch (name) {
      case 'EXT-X-VERSION':
        playlist.version = this.#integer(value, '4.4.1.2');
        break;
      case 'EXT-X-TARGETDURATION':
        playlist.targetDurationS = this.#integer(value, '4.4.3.1');
        break;
      case 'EXT-X-MEDIA-SEQUENCE':
        if (playlist.segments.length > 0 || this.#segment) this.#complain('4.4.3.2: EXT-X-MEDIA-SEQUENCE behind a segment');
        playlist.mediaSequence = this.#integer(value, '4.4.3.2');
        break;
      case 'EXT-X-DISCONTINUITY-SEQUENCE':
        if (playlist.segments.length > 0 || this.#discontinuities > 0)
          this.#complain('4.4.3.3: EXT-X-DISCONTINUITY-SEQUENCE behind a segment or a discontinuity');
        playlist.discontinuitySequence = this.#integer(value, '4.4.3.3');
        break;
      case 'EXT-X-PART-INF':
        playlist.partTargetS = this.#decimal(parseAttributes(value).get('PART-TARGET'), '4.4.3.7');
        break;
      case 'EXT-X-SERVER-CONTROL':
        this.#serverControl(value);
        break;
      case 'EXT-X-SKIP':
        if (playlist.segments.length > 0 || this.#segment) this.#complain('4.4.5.2: EXT-X-SKIP behind a segment');
        playlist.skipped = this.#integer(parseAttributes(value).get('SKIPPED-SEGMENTS') ?? '', '4.4.5.2');
        break;
      case 'EXT-X-PRELOAD-HINT':
        this.#hint(value);
        break;
      case 'EXT-X-RENDITION-REPORT':
        this.#report(value);
        break;
      case 'EXTINF':
      case 'EXT-X-DISCONTINUITY':
      case 'EXT-X-MAP':
      case 'EXT-X-PROGRAM-DATE-TIME':
      case 'EXT-X-PART':
        this.#segmentTag(name, value);
        break;
      case 'EXT-X-PLAYLIST-TYPE':
        if (!this.#kept) this.#complain('6.2.2: a live playlist has no EXT-X-PLAYLIST-TYPE');
        if (value === 'EVENT' || value === 'VOD') playlist.type = value;
        else this.#complain(`4.4.3.5: ${value} is no type`);
        break;
      case 'EXT-X-ENDLIST':
        if (!this.#kept) this.#complain('4.4.3.4: a live playlist has no EXT-X-ENDLIST');
        playlist.ended = true;
        break;
      case 'EXT-X-START':
        this.#decimal(parseAttributes(value).get('TIME-OFFSET'), '4.4.2.2');
        break;
      case 'EXT-X-STREAM-INF':
        this.#complain('4.1: a tag of master playlists in a media playlist');
        break;
      default:
        this.#complain(`4.4: ${name} is not looked at by this checker`);
    }
  }

  #serverControl(value: string): void {
    const attributes = parseAttributes(value);
    const playlist = this.#playlist;
    const optional = (name: string) => (attributes.has(name) ? this.#decimal(attributes.get(name), '4.4.3.8') : null);
    playlist.skipUntilS = optional('CAN-SKIP-UNTIL');
    playlist.partHoldBackS = optional('PART-HOLD-BACK');
    const holdBackS = optional('HOLD-BACK');
    const [skip, hold] = [6 * playlist.targetDurationS, 3 * playlist.targetDurationS];
    if (playlist.skipUntilS !== null && playlist.skipUntilS < skip) this.#complain('4.4.3.8: the skip boundary is under six targets');
    if (holdBackS !== null && holdBackS < hold) this.#complain('4.4.3.8: HOLD-BACK is under three targets');
    const block = attributes.get('CAN-BLOCK-RELOAD');
    if (block !== undefined && block !== 'YES') this.#complain('4.4.3.8: CAN-BLOCK-RELOAD is YES, or absent');
  }

  #segmentTag(name: string, value: string): void {
    const isAppliedLate = name !== 'EXTINF' && name !== 'EXT-X-PART' && (this.#segment?.parts.length ?? 0) > 0;
    if (isAppliedLate) this.#complain(`4.4.4.9: ${name} behind the first part of its segment`);
    if (name === 'EXTINF') {
      const [, duration = ''] = /^([^,]*),/.exec(value) ?? [];
      this.#extinfS = this.#decimal(duration, '4.4.4.1');
    } else if (name === 'EXT-X-DISCONTINUITY') {
      if (this.#segment) this.#complain('4.4.4.3: EXT-X-DISCONTINUITY within a segment’s tags');
      this.#discontinuities += 1;
    } else if (name === 'EXT-X-MAP') {
      this.#mapUri = this.#quoted(parseAttributes(value).get('URI'), '4.4.4.5');
      if (this.#segment) this.#segment.mapUri = this.#mapUri;
    } else if (name === 'EXT-X-PROGRAM-DATE-TIME') {
      const timeMs = Date.parse(value);
      if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)$/.test(value) || Number.isNaN(timeMs))
        this.#complain(`4.4.4.6: ${value} is no date with a time zone`);
      this.#current().programDateTimeMs = timeMs;
    } else this.#part(value);
  }

  #part(value: string): void {
    const attributes = parseAttributes(value);
    this.#current().parts.push({
      uri: this.#quoted(attributes.get('URI'), '4.4.4.9'),
      durationS: this.#decimal(attributes.get('DURATION'), '4.4.4.9'),
      independent: attributes.get('INDEPENDENT') === 'YES',
    });
  }

  #hint(value: string): void {
    const attributes = parseAttributes(value);
    if (attributes.get('TYPE') !== 'PART') this.#complain('4.4.5.3: a hint of another type than PART');
    if (this.#playlist.hintUri !== null) this.#complain('4.4.5.3: two hints of the same type');
    this.#playlist.hintUri = this.#quoted(attributes.get('URI'), '4.4.5.3');
  }

  #report(value: string): void {
    const attributes = parseAttributes(value);
    const lastPart = attributes.get('LAST-PART');
    const uri = this.#quoted(attributes.get('URI'), '4.4.5.4');
    if (/^[a-z]+:/i.test(uri)) this.#complain('4.4.5.4: the URI of a rendition report is relative');
    const lastMsn = this.#integer(attributes.get('LAST-MSN') ?? '', '4.4.5.4');
    this.#playlist.reports.push({ uri, lastMsn, lastPart: lastPart === undefined ? null : this.#integer(lastPart, '4.4.5.4') });
  }

  #uri(line: string): void {
    const segment = this.#current();
    if (this.#extinfS === null) this.#complain(`4.4.4.1: ${line} has no EXTINF`);
    segment.uri = line;
    segment.durationS = this.#extinfS ?? 0;
    this.#playlist.segments.push(segment);
    this.#segment = null;
    this.#extinfS = null;
  }

  #checkWhole(): void {
    const { version, targetDurationS, segments, partTargetS, partHoldBackS, skipped, skipUntilS } = this.#playlist;
    for (const name of [
      'EXT-X-VERSION',
      'EXT-X-TARGETDURATION',
      'EXT-X-MEDIA-SEQUENCE',
      'EXT-X-DISCONTINUITY-SEQUENCE',
      'EXT-X-SERVER-CONTROL',
      'EXT-X-PLAYLIST-TYPE',
      'EXT-X-START',
      'EXT-X-ENDLIST',
    ])
      if ((this.#seen.get(name) ?? 0) > 1) this.#complain(`4.4: ${name} comes more than once`);
    if (this.#playlist.type === 'VOD' && !this.#playlist.ended) this.#complain('4.4.3.5: it cannot change, and does not end');
    if (Number.isNaN(targetDurationS)) this.#complain('4.4.3.1: EXT-X-TARGETDURATION is missing');
    if (version < 6 && segments.some(({ mapUri }) => mapUri !== null)) this.#complain('8: EXT-X-MAP needs version 6');
    if (version < 3 && this.#lines.some((line) => /^#EXTINF:\d+\.\d/.test(line))) this.#complain('8: decimal durations need version 3');
    if (skipped > 0 && version < 9) this.#complain('8: EXT-X-SKIP needs version 9');
    if (skipped > 0 && skipUntilS === null) this.#complain('4.4.5.2: EXT-X-SKIP without CAN-SKIP-UNTIL');
    for (const { uri, durationS, msn } of segments)
      if (uri !== null && Math.round(durationS) > targetDurationS) this.#complain(`4.4.3.1: segment ${msn} lasts ${durationS} s`);
    if (partTargetS === null) {
      if (segments.some(({ parts }) => parts.length > 0)) this.#complain('4.4.3.7: parts without EXT-X-PART-INF');
      return;
    }
    if (partHoldBackS === null) this.#complain('4.4.3.8: PART-HOLD-BACK is missing');
    else if (partHoldBackS < 2 * partTargetS) this.#complain('4.4.3.8: PART-HOLD-BACK is under two part targets');
    for (const segment of segments) this.#checkParts(segment, partTargetS);
    if (skipped === 0) this.#checkListed(segments, targetDurationS);
  }

  #checkParts({ msn, parts, uri, durationS }: CheckedSegment, partTargetS: number): void {
    parts.forEach((part, i) => {
      if (part.durationS > partTargetS + EPSILON) this.#complain(`4.4.4.9: part ${i} of ${msn} is longer than the part target`);
      const isLast = i === parts.length - 1 && uri !== null;
      if (!part.independent && !isLast && part.durationS < 0.85 * partTargetS - EPSILON)
        this.#complain(`4.4.4.9: part ${i} of ${msn} lasts ${part.durationS} s: under 85 % of the part target`);
    });
    const sumS = parts.reduce((sum, part) => sum + part.durationS, 0);
    if (uri !== null && parts.length > 0 && Math.abs(sumS - durationS) > 0.01)
      this.#complain(`4.4.4.9: the parts of ${msn} last ${sumS} s, the segment ${durationS} s`);
  }

  /** 6.2.2: parts of the last three target durations are listed, older ones are not. */
  #checkListed(segments: CheckedSegment[], targetDurationS: number): void {
    let untilEndS = segments.reduce((sum, segment) => sum + spanS(segment), 0);
    for (const segment of segments) {
      untilEndS -= spanS(segment);
      if (segment.parts.length > 0 && untilEndS > 3 * targetDurationS + EPSILON)
        this.#complain(`6.2.2: parts of ${segment.msn} are listed ${untilEndS} s from the end`);
    }
  }

  #integer(text: string, clause: string): number {
    if (!/^\d{1,20}$/.test(text)) this.#complain(`${clause}: ${text} is no decimal integer`);
    return Number(text);
  }

  #decimal(text: string | undefined, clause: string): number {
    if (text === undefined || !/^\d+(\.\d+)?$/.test(text)) this.#complain(`${clause}: ${text} is no decimal number`);
    return Number(text);
  }

  #quoted(text: string | undefined, clause: string): string {
    const [, inner] = /^"([^"]+)"$/.exec(text ?? '') ?? [];
    if (inner === undefined) this.#complain(`${clause}: ${text} is no quoted string`);
    return inner ?? '';
  }
}

const spanS = ({ uri, durationS, parts }: CheckedSegment) =>
  uri === null ? parts.reduce((sum, part) => sum + part.durationS, 0) : durationS;

/** What a client that follows a playlist may rely on from one version to the next (6.2.1, 6.2.2, 6.3.4). */
export class PlaylistFollower {
  readonly complaints: string[] = [];
  readonly #kept: boolean;
  #last: CheckedPlaylist | null = null;
  /** all segments so far, by number */
  readonly segments = new Map<number, CheckedSegment>();

  /** @param options.kept of a show that is kept */
  constructor({ kept = false } = {}) {
    this.#kept = kept;
  }

  get last(): CheckedPlaylist {
    if (!this.#last) throw new Error('no playlist was taken yet');
    return this.#last;
  }

  /** @param options.delta it was asked for with _HLS_skip */
  take(text: string, options: { delta?: boolean } = {}): CheckedPlaylist {
    const playlist = parseMediaPlaylist(text, this.complaints, this.#kept);
    if (playlist.skipped > 0 && !options.delta) this.complaints.push('6.2.5.1: a delta update that nobody asked for');
    if (this.#last) this.#compare(this.#last, playlist);
    for (const segment of playlist.segments) if (segment.uri !== null) this.segments.set(segment.msn, segment);
    this.#last = playlist;
    return playlist;
  }

  #compare(before: CheckedPlaylist, after: CheckedPlaylist): void {
    const complain = (text: string) => this.complaints.push(text);
    if (after.targetDurationS !== before.targetDurationS) complain('4.4.3.1: the target duration changed');
    if (after.partTargetS !== before.partTargetS) complain('4.4.3.7: the part target changed');
    if (after.version !== before.version) complain('6.2.1: the version changed');
    if (after.mediaSequence < before.mediaSequence) complain('6.2.2: the media sequence number fell');
    if (after.discontinuitySequence < before.discontinuitySequence) complain('6.2.2: the discontinuity sequence number fell');
    if (after.type !== before.type) complain('6.2.1: the type changed');
    if (before.type === 'EVENT' && after.mediaSequence !== before.mediaSequence) complain('4.4.3.5: segments were removed from an EVENT');
    const isOver = before.ended || before.type === 'VOD';
    if (isOver && (!after.ended || after.segments.length !== before.segments.length)) complain('4.4.3.4: it changed after its end');
    const first = after.segments[0];
    if (first && after.skipped > 0 && first.msn > (before.segments.at(-1)?.msn ?? 0) + 1) complain('6.2.5.1: skipped what was not known');
    const lastS = after.segments.reduce((sum, segment) => sum + spanS(segment), 0);
    if (after.skipped === 0 && after.mediaSequence > before.mediaSequence && lastS < 3 * after.targetDurationS)
      complain('6.2.2: segments were removed though the playlist is shorter than three targets');
    for (const segment of after.segments) this.#compareSegment(segment, before, after);
  }

  #compareSegment(segment: CheckedSegment, before: CheckedPlaylist, after: CheckedPlaylist): void {
    const known = before.segments.find(({ msn }) => msn === segment.msn);
    if (!known) return;
    const complain = (text: string) => this.complaints.push(`6.2.1: ${text} of segment ${segment.msn} changed`);
    if (known.uri !== null && known.uri !== segment.uri) complain('the URI');
    if (known.uri !== null && known.durationS !== segment.durationS) complain('the duration');
    // a delta update that skips a discontinuity or a map leaves both to what was known before
    if (after.skipped === 0 && before.skipped === 0 && known.discontinuity !== segment.discontinuity) complain('the discontinuity number');
    if (known.mapUri !== null && segment.mapUri !== null && known.mapUri !== segment.mapUri) complain('the map');
    if (known.programDateTimeMs !== segment.programDateTimeMs) complain('the date');
    known.parts.forEach((part, i) => {
      const now = segment.parts[i];
      if (segment.parts.length > 0 && (now?.uri !== part.uri || now.durationS !== part.durationS)) complain(`part ${i}`);
    });
  }
}

/** What playlists of the same show promise to who goes from one to another (6.2.4). @returns every rule they break */
export function compareVariants(one: CheckedPlaylist, other: CheckedPlaylist): string[] {
  const complaints: string[] = [];
  if (one.targetDurationS !== other.targetDurationS) complaints.push('6.2.4: the target durations differ');
  if (one.partTargetS !== other.partTargetS) complaints.push('6.2.4: the part targets differ');
  const byDate = new Map(one.segments.map((segment) => [segment.programDateTimeMs, segment]));
  let matching = 0;
  for (const [i, segment] of other.segments.entries()) {
    const match = byDate.get(segment.programDateTimeMs);
    const isFirst = i === 0; // it may be the rest of a segment that was under way
    if (!match && !isFirst && segment.uri !== null && isWithin(segment, one))
      complaints.push(`6.2.4: segment ${segment.msn} begins where the other playlist has none`);
    if (!match) continue;
    matching += 1;
    if (match.discontinuity !== segment.discontinuity) complaints.push(`6.2.4: the discontinuity numbers of segment ${segment.msn} differ`);
    if (match.uri !== null && segment.uri !== null && Math.abs(match.durationS - segment.durationS) > 0.002)
      complaints.push(`6.2.4: segment ${segment.msn} lasts ${segment.durationS} s here and ${match.durationS} s there`);
  }
  if (matching === 0) complaints.push('6.2.4: nothing in the playlists is of the same time');
  return complaints;
}

function isWithin({ programDateTimeMs }: CheckedSegment, { segments }: CheckedPlaylist): boolean {
  const [first, last] = [segments[0]?.programDateTimeMs ?? Number.NaN, segments.at(-1)?.programDateTimeMs ?? Number.NaN];
  return programDateTimeMs !== null && programDateTimeMs >= first && programDateTimeMs <= last;
}

export interface CheckedVariant {
  uri: string;
  attributes: Map<string, string>;
}

/** @see 4.4.6.2 */
export function checkMasterPlaylist(text: string): { variants: CheckedVariant[]; complaints: string[] } {
  const complaints: string[] = [];
  const lines = text.split(/\r?\n/).filter((line) => line !== '');
  if (lines[0] !== '#EXTM3U') complaints.push('4.4.1.1: EXTM3U is not the first line');
  const variants: CheckedVariant[] = [];
  lines.forEach((line, i) => {
    if (line.startsWith('#EXTINF') || line.startsWith('#EXT-X-TARGETDURATION')) complaints.push('4.1: a tag of media playlists');
    if (!line.startsWith('#EXT-X-STREAM-INF:')) return;
    const attributes = parseAttributes(line.slice(line.indexOf(':') + 1));
    const uri = lines[i + 1] ?? '';
    if (uri === '' || uri.startsWith('#')) complaints.push('4.4.6.2: no URI behind EXT-X-STREAM-INF');
    if (!/^\d+$/.test(attributes.get('BANDWIDTH') ?? '')) complaints.push('4.4.6.2: BANDWIDTH is missing');
    if (!/^"[^"]+"$/.test(attributes.get('CODECS') ?? '')) complaints.push('4.4.6.2: CODECS is missing');
    const resolution = attributes.get('RESOLUTION');
    if (resolution !== undefined && !/^\d+x\d+$/.test(resolution)) complaints.push('4.4.6.2: RESOLUTION is not WxH');
    const rate = attributes.get('FRAME-RATE');
    if (rate !== undefined && !/^\d+(\.\d{1,3})?$/.test(rate)) complaints.push('4.4.6.2: FRAME-RATE has more than three decimals');
    variants.push({ uri, attributes });
  });
  if (new Set(variants.map(({ uri }) => uri)).size < variants.length) complaints.push('4.4.6.2: two variants have the same URI');
  const kinds = new Set(variants.map(({ attributes }) => attributes.has('RESOLUTION')));
  if (kinds.size > 1) complaints.push('4.4.6.2: RESOLUTION is said of some variants with pictures only');
  if (variants.length === 0) complaints.push('4.4.6.2: no variant');
  return { variants, complaints };
}
