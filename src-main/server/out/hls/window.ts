/**
 * The segments that are in the playlist, those that lately were, and the one that is being made. Bounded in time and bytes.
 * @see RFC 8216bis, 6.2.2
 */
import type { PlaylistSegment } from '../../../wire/hls/media-playlist.ts';

export interface StoredPart {
  id: number;
  durationMs: number;
  independent: boolean;
  pictures: number;
  /** pieces to be sent one after the other */
  pieces: readonly Uint8Array[];
  sizeBytes: number;
}

export interface StoredSegment {
  msn: number;
  /** its Discontinuity Sequence Number, the same in every playlist of the show (RFC 8216bis, 6.2.4) */
  discontinuity: number;
  /** by how much that is above the one of the segment before */
  discontinuities: number;
  initId: number | null;
  /** wall clock at its first sample */
  programDateTimeMs: number;
  parts: StoredPart[];
  durationMs: number;
  sizeBytes: number;
}

/** What the next of each is called. */
export interface SegmentNumbers {
  msn: number;
  part: number;
  init: number;
  discontinuity: number;
}

export interface WindowLimits {
  windowMs: number;
  /** of all that is kept */
  bytesMax: number;
  readonly targetDurationS: number;
}

/** What players are told lies so far back at least (6.2.2). */
const LEAST_TARGETS = 3;
/** Parts are listed so far from the end (6.2.2). */
const PARTS_LISTED_TARGETS = 3;
/** Who has an old playlist still gets what is in it: so long after it was taken out. */
const KEPT_TARGETS = 3;

export class HlsWindow {
  readonly #limits: WindowLimits;
  /** taken out of the playlist, still there for who has an older one */
  #leaving: StoredSegment[] = [];
  #listed: StoredSegment[] = [];
  #open: StoredSegment | null = null;
  readonly #inits = new Map<number, Uint8Array>();
  readonly #parts = new Map<number, StoredPart>();
  #nextMsn: number;
  #nextPart: number;
  #nextInit: number;
  /** of the last segment */
  #discontinuity: number;
  #bytes = 0;
  #begun = false;

  /** @param first numbers that nobody has used before: they name what may be cached for long */
  constructor(limits: WindowLimits, first: SegmentNumbers) {
    this.#limits = limits;
    this.#nextMsn = first.msn;
    this.#nextPart = first.part;
    this.#nextInit = first.init;
    this.#discontinuity = first.discontinuity;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** for who goes on after this one; its discontinuity number is the last segment's, which may be the next one's as well */
  get next(): SegmentNumbers {
    return { msn: this.#nextMsn, part: this.#nextPart, init: this.#nextInit, discontinuity: this.#discontinuity };
  }

  /** whole ones, oldest first */
  get listed(): readonly StoredSegment[] {
    return this.#listed;
  }

  get open(): StoredSegment | null {
    return this.#open;
  }

  /** of what stands in front of the playlist (4.4.3.3) */
  get discontinuitySequence(): number {
    const [first = this.#open] = this.#listed;
    return first ? first.discontinuity - first.discontinuities : this.#discontinuity;
  }

  /** of the last whole segment; null before there is one */
  get lastMsn(): number | null {
    return this.#listed.at(-1)?.msn ?? null;
  }

  addInit(bytes: Uint8Array): number {
    this.#inits.set(this.#nextInit, bytes);
    this.#bytes += bytes.length;
    this.#nextInit += 1;
    return this.#nextInit - 1;
  }

  /** The first segment's place in the show; what it says of numbers that are used up already counts for nothing. */
  begin({ msn, discontinuity }: { msn: number; discontinuity: number }): void {
    if (this.#begun) return;
    this.#begun = true;
    this.#nextMsn = Math.max(this.#nextMsn, msn);
    this.#discontinuity = Math.max(this.#discontinuity, discontinuity);
  }

  openSegment(start: Pick<StoredSegment, 'discontinuity' | 'initId' | 'programDateTimeMs'>): void {
    const discontinuity = Math.max(this.#discontinuity, start.discontinuity); // never less than before (6.2.2)
    const discontinuities = discontinuity - this.#discontinuity;
    this.#open = { msn: this.#nextMsn, ...start, discontinuity, discontinuities, parts: [], durationMs: 0, sizeBytes: 0 };
    this.#discontinuity = discontinuity;
    this.#nextMsn += 1;
  }

  addPart(part: Pick<StoredPart, 'durationMs' | 'independent' | 'pictures' | 'pieces'>): void {
    const segment = this.#open;
    if (!segment) return;
    const sizeBytes = part.pieces.reduce((sum, piece) => sum + piece.length, 0);
    const stored = { id: this.#nextPart, ...part, sizeBytes };
    this.#nextPart += 1;
    this.#parts.set(stored.id, stored);
    segment.parts.push(stored);
    segment.durationMs += part.durationMs;
    segment.sizeBytes += sizeBytes;
    this.#bytes += sizeBytes;
    this.#trim();
  }

  closeSegment(): void {
    if (!this.#open) return;
    this.#listed.push(this.#open);
    this.#open = null;
    this.#trim();
  }

  segment(msn: number): StoredSegment | null {
    return [...this.#leaving, ...this.#listed].find((segment) => segment.msn === msn) ?? null;
  }

  part(id: number): StoredPart | null {
    return this.#parts.get(id) ?? null;
  }

  init(id: number): Uint8Array | null {
    return this.#inits.get(id) ?? null;
  }

  /** As the playlist lists them. @param name how a resource is addressed */
  playlistSegments(name: { segment(msn: number): string; part(id: number): string; init(id: number): string }): PlaylistSegment[] {
    const listed = this.#open && this.#open.parts.length > 0 ? [...this.#listed, this.#open] : this.#listed;
    let untilEndMs = listed.reduce((sum, { durationMs }) => sum + durationMs, 0);
    return listed.map((segment) => {
      untilEndMs -= segment.durationMs;
      const isNear = untilEndMs < PARTS_LISTED_TARGETS * this.#limits.targetDurationS * 1_000;
      return {
        uri: segment === this.#open ? null : name.segment(segment.msn),
        durationS: segment.durationMs / 1_000,
        programDateTimeMs: segment.programDateTimeMs,
        discontinuities: segment.discontinuities,
        mapUri: segment.initId === null ? null : name.init(segment.initId),
        parts: isNear
          ? segment.parts.map(({ id, durationMs, independent }) => ({ uri: name.part(id), durationS: durationMs / 1_000, independent }))
          : [],
      };
    });
  }

  #trim(): void {
    const { windowMs, bytesMax, targetDurationS } = this.#limits;
    const leastMs = LEAST_TARGETS * targetDurationS * 1_000;
    let listedMs = sumMs(this.#listed);
    let listedBytes = this.#listed.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    for (;;) {
      const [oldest] = this.#listed;
      if (!oldest || this.#listed.length < 2) break;
      const isLong = listedMs - oldest.durationMs >= Math.max(windowMs, leastMs);
      // memory counts more than the least length that players are promised
      if (!isLong && listedBytes <= bytesMax / 2) break;
      this.#listed.shift();
      this.#leaving.push(oldest);
      listedMs -= oldest.durationMs;
      listedBytes -= oldest.sizeBytes;
    }
    let leavingMs = sumMs(this.#leaving);
    for (;;) {
      const [oldest] = this.#leaving;
      if (!oldest || (leavingMs - oldest.durationMs < KEPT_TARGETS * targetDurationS * 1_000 && this.#bytes <= bytesMax)) break;
      this.#leaving.shift();
      leavingMs -= oldest.durationMs;
      this.#forget(oldest);
    }
  }

  #forget(segment: StoredSegment): void {
    this.#bytes -= segment.sizeBytes;
    for (const { id } of segment.parts) this.#parts.delete(id);
    const [oldest] = [...this.#leaving, ...this.#listed];
    for (const [id, bytes] of this.#inits) {
      if (oldest?.initId === null || oldest === undefined || id >= oldest.initId) continue;
      this.#inits.delete(id);
      this.#bytes -= bytes.length;
    }
  }
}

function sumMs(segments: readonly StoredSegment[]): number {
  return segments.reduce((sum, { durationMs }) => sum + durationMs, 0);
}
