/**
 * The index of a recorded show: one JSON object a line, which is only ever added to. A line is written when the media that
 * it speaks of are on the disk, so what a kill or a power cut leaves is a whole index of whole segments; a last line that
 * is cut off counts for nothing.
 *
 *   {"type":"show","version":1,"id":…,"stream":…,"startedAtMs":…,"targetDurationS":…}
 *   {"type":"file","initBytes":…,"codecs":[…],"picture":{…}|null}     the next of 1.mp4, 2.mp4 …, of another format each
 *   {"type":"segment","at":…,"bytes":…,"durationMs":…,"atMs":…,"pictures":…,"gap":true}     in the last file named
 *   {"type":"end","durationMs":…,"sizeBytes":…}
 */

export interface ShowHead {
  /** when it began, as its address and its folder have it: see `showId` */
  id: string;
  stream: string;
  /** wall clock, Unix time */
  startedAtMs: number;
  /** no segment is longer, when rounded to whole seconds */
  targetDurationS: number;
}

export interface ShowFile {
  /** ftyp and moov, at the begin of it */
  initBytes: number;
  /** as in RFC 6381 */
  codecs: string[];
  /** null: sound alone */
  picture: { widthPx: number; heightPx: number } | null;
}

export interface ShowSegment {
  /** place of its file among the files, from 0 */
  file: number;
  /** its first byte in the file */
  at: number;
  bytes: number;
  durationMs: number;
  /** wall clock at its first sample, Unix time */
  atMs: number;
  pictures: number;
  /** another publisher, or another format: time and codecs begin anew */
  gap: boolean;
}

export interface ShowTotals {
  durationMs: number;
  sizeBytes: number;
}

export interface ParsedShow {
  head: ShowHead;
  files: ShowFile[];
  segments: ShowSegment[];
  /** null: it was cut off */
  end: ShowTotals | null;
}

const VERSION = 1;
const ID = /^\d{8}-\d{6}-\d{3}$/;
const DURATION_DECIMALS = 1_000;

/** @returns such as 20261123-011530-042: UTC, so that names sort by time */
export function showId(startedAtMs: number): string {
  return new Date(startedAtMs).toISOString().replace(/[-:Z]/g, '').replace('T', '-').replace('.', '-');
}

export function isShowId(text: string): boolean {
  return ID.test(text);
}

export function headLine(head: ShowHead): string {
  return line({ type: 'show', version: VERSION, ...head });
}

export function fileLine(file: ShowFile): string {
  return line({ type: 'file', ...file });
}

export function segmentLine({ at, bytes, durationMs, atMs, pictures, gap }: ShowSegment): string {
  const rounded = Math.round(durationMs * DURATION_DECIMALS) / DURATION_DECIMALS;
  return line({ type: 'segment', at, bytes, durationMs: rounded, atMs: Math.round(atMs), pictures, ...(gap ? { gap } : {}) });
}

export function endLine(totals: ShowTotals): string {
  return line({ type: 'end', ...totals });
}

/** Also of the first and the last lines alone, when it is only to be known what show it is. @returns null when it is no index of ours */
export function parseShowIndex(text: string): ParsedShow | null {
  const lines = text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .slice(0, -1);
  const head = parseHead(parseLine(lines[0]));
  if (!head) return null;
  const show: ParsedShow = { head, files: [], segments: [], end: null };
  for (const each of lines.slice(1)) {
    const entry = parseLine(each);
    if (!entry || !add(show, entry)) break; // what follows something that cannot be read is not to be trusted
  }
  return show;
}

/** @returns of the last line, null when it is no end of a show */
export function parseEnd(text: string): ShowTotals | null {
  if (!text.endsWith('\n')) return null;
  const entry = parseLine(text.slice(text.lastIndexOf('\n', text.length - 2) + 1));
  return entry?.type === 'end' ? parseTotals(entry) : null;
}

type Entry = Record<string, unknown>;

function line(entry: object): string {
  return `${JSON.stringify(entry)}\n`;
}

function parseLine(text: string | undefined): Entry | null {
  try {
    const value: unknown = JSON.parse(text ?? '');
    return typeof value === 'object' && value !== null ? (value as Entry) : null;
  } catch {
    return null;
  }
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const isTime = (value: unknown): value is number => typeof value === 'number' && value >= 0 && value < Number.MAX_SAFE_INTEGER;

function parseHead(entry: Entry | null): ShowHead | null {
  const { type, version, id, stream, startedAtMs, targetDurationS } = entry ?? {};
  if (type !== 'show' || version !== VERSION || typeof id !== 'string' || !isShowId(id) || typeof stream !== 'string') return null;
  return isCount(startedAtMs) && isCount(targetDurationS) ? { id, stream, startedAtMs, targetDurationS } : null;
}

function add(show: ParsedShow, entry: Entry): boolean {
  switch (entry.type) {
    case 'file': {
      const file = parseFile(entry);
      if (file) show.files.push(file);
      return file !== null;
    }
    case 'segment': {
      const segment = parseSegment(entry, show.files.length - 1);
      if (segment) show.segments.push(segment);
      return segment !== null;
    }
    case 'end':
      show.end = parseTotals(entry);
      return show.end !== null;
    default:
      return false;
  }
}

function parseFile({ initBytes, codecs, picture }: Entry): ShowFile | null {
  if (!isCount(initBytes) || !Array.isArray(codecs) || !codecs.every((codec) => typeof codec === 'string')) return null;
  if (picture === null) return { initBytes, codecs, picture };
  const { widthPx, heightPx } = (picture ?? {}) as Entry;
  return isCount(widthPx) && isCount(heightPx) ? { initBytes, codecs, picture: { widthPx, heightPx } } : null;
}

function parseSegment({ at, bytes, durationMs, atMs, pictures, gap }: Entry, file: number): ShowSegment | null {
  if (file < 0 || !isCount(at) || !isCount(bytes) || !isTime(durationMs) || !isTime(atMs) || !isCount(pictures)) return null;
  return { file, at, bytes, durationMs, atMs, pictures, gap: gap === true };
}

function parseTotals({ durationMs, sizeBytes }: Entry): ShowTotals | null {
  return isTime(durationMs) && isCount(sizeBytes) ? { durationMs, sizeBytes } : null;
}
