/**
 * How plain HLS stays at the live edge: hls.js plays faster only in its low-latency mode, and each stall would leave the
 * picture that much later for good. A little faster, or a jump where that would take too long. Pure.
 */

export const FASTER = 1.08;
/** whole segments come in lumps, by which the distance seems to change */
const BEHIND_TARGETS = 0.5;
const BEHIND_LEAST_S = 1;
const CAUGHT_UP_S = 0.1;
/** too far behind to be made up by playing faster */
const JUMP_TARGETS = 3;
const JUMP_LEAST_S = 10;
/** so near it is live that is watched */
const AT_LIVE_S = 2;
const BACK_S = 0.5;

export interface LiveSample {
  /** how much later than meant it plays */
  behindS: number;
  /** media in hand */
  inHandS: number;
  /** of the playlist */
  targetDurationS: number;
}

/** @param before the rate so far. @returns 'jump': to where live is */
export function liveRate(before: number, { behindS, inHandS, targetDurationS }: LiveSample): number | 'jump' {
  if (behindS > Math.max(JUMP_LEAST_S, JUMP_TARGETS * targetDurationS)) return 'jump';
  if (inHandS < targetDurationS) return 1; // it would stall again
  if (behindS > Math.max(BEHIND_LEAST_S, BEHIND_TARGETS * targetDurationS)) return FASTER;
  return behindS > CAUGHT_UP_S ? before : 1;
}

/**
 * Whether it is live that is watched, after a seek: who goes back in the show means to be late.
 * @param before whether it was @param bySeconds how far the seek went
 */
export function followsLive(before: boolean, bySeconds: number, behindS: number): boolean {
  if (behindS < AT_LIVE_S) return true;
  return before && bySeconds > -BACK_S;
}
