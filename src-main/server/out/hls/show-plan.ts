/**
 * What all playlists of a show agree on, so that players may go from one to another: where segments begin and how they are
 * numbered, the target duration, the wall clock. Whoever comes to an IDR first decides; the others follow. Pure: no clock.
 * @see RFC 8216bis, 6.2.4
 */
import type { ServerLimits } from '../../limits.ts';

/** before anyone knows how far apart the publisher's IDRs are */
const TARGET_UNKNOWN_S = 4;
const TARGET_LEAST_S = 2;
/** the first segment may end so early: players wait for it */
const FIRST_SEGMENT_MS = 500;
/** GOPs of 2 s are 1,999 ms long now and then: RTMP has whole milliseconds */
const JITTER_MS = 50;
/** who begins late finds those that players may still have */
const CUTS_KEPT = 200;
/** renditions are a few seconds apart: none is still in an epoch so many before another's */
const EPOCHS_KEPT = 16;

interface Cut {
  atMs: number;
  msn: number;
}

export interface PlanStart {
  msn: number;
  /** playlists of the show have counted so many more discontinuities than the stream has epochs */
  discontinuitiesAhead: number;
}

/** A picture where a segment may begin. */
export interface CutPoint {
  dtsMs: number;
  epoch: number;
}

export class ShowPlan {
  readonly #limits: Pick<ServerLimits, 'hlsSegmentMs' | 'hlsTargetMaxS'>;
  readonly #first: PlanStart;
  readonly #longestGopMs: () => number | null;
  #targetDurationS: number | null = null;
  #cuts: Cut[] = [];
  #epoch: number | null = null;
  #cutsOfEpoch = 0;
  readonly #clock = new Map<number, number>();

  /** @param longestGopMs of the publisher; null: not known yet */
  constructor(limits: Pick<ServerLimits, 'hlsSegmentMs' | 'hlsTargetMaxS'>, first: PlanStart, longestGopMs: () => number | null) {
    this.#limits = limits;
    this.#first = first;
    this.#longestGopMs = longestGopMs;
  }

  /** It must not change (4.4.3.1), but nobody has seen it before the first segment was whole. */
  get targetDurationS(): number {
    return this.#targetDurationS ?? targetDuration(this.#longestGopMs(), this.#limits);
  }

  /** A segment is whole: from now on players may know the target duration. */
  settle(): void {
    this.#targetDurationS = this.targetDurationS;
  }

  /** @returns whether a segment begins at this IDR, which all renditions have */
  cutsAt({ dtsMs, epoch }: CutPoint): boolean {
    const last = this.#cuts.at(-1);
    if (last && dtsMs <= last.atMs) return this.#cuts.some(({ atMs }) => atMs === dtsMs);
    const leastMs = (this.#cutsOfEpoch < 2 ? FIRST_SEGMENT_MS : this.#limits.hlsSegmentMs) - JITTER_MS;
    if (last && epoch === this.#epoch && dtsMs - last.atMs < leastMs) return false;
    this.#cutsOfEpoch = epoch === this.#epoch ? this.#cutsOfEpoch + 1 : 1;
    this.#epoch = epoch;
    this.#cuts = [...this.#cuts, { atMs: dtsMs, msn: last ? last.msn + 1 : this.#first.msn }].slice(-CUTS_KEPT);
    return true;
  }

  /** The number of the segment that is on at this time: where a playlist begins that was not there before. */
  msnAt(timeMs: number): number {
    return this.#cuts.findLast(({ atMs }) => atMs <= timeMs)?.msn ?? this.#first.msn;
  }

  /** @param guessMs by this frame's arrival. @returns the wall clock at the time 0, the same for all of an epoch */
  zeroAtMs(epoch: number, guessMs: number): number {
    const known = this.#clock.get(epoch);
    if (known !== undefined) return known;
    this.#clock.set(epoch, guessMs);
    if (this.#clock.size > EPOCHS_KEPT) this.#clock.delete(this.#clock.keys().next().value as number);
    return guessMs;
  }

  /** Of segments of this epoch, in all playlists alike, and never less than in any before (RFC 8216bis, 6.2.2 and 6.2.4). */
  discontinuityIn(epoch: number): number {
    return epoch + this.#first.discontinuitiesAhead;
  }
}

/** As long as a segment becomes that ends with the first IDR after `hlsSegmentMs`. */
function targetDuration(
  longestGopMs: number | null,
  { hlsSegmentMs, hlsTargetMaxS }: Pick<ServerLimits, 'hlsSegmentMs' | 'hlsTargetMaxS'>,
) {
  if (longestGopMs === null) return TARGET_UNKNOWN_S;
  const gopMs = Math.max(1, longestGopMs);
  const segmentMs = Math.ceil((hlsSegmentMs - JITTER_MS) / gopMs) * gopMs;
  return Math.min(hlsTargetMaxS, Math.max(TARGET_LEAST_S, Math.round(segmentMs / 1_000)));
}
