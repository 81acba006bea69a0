/**
 * What hls.js is told instead of its own ways: the level to load, since its estimate of the network takes a quarter of a
 * minute to fall and it goes over to rungs that have nothing to load yet; and the distance from the live edge once it
 * plays in calm again. Pure.
 */

export interface LevelCap {
  /** levels of more are not loaded; by bitrate, since hls.js takes broken levels out of its list */
  maxKbps: number;
  changedAtMs: number;
  /** the last change was upwards */
  raised: boolean;
  /** so long there has to be calm before the next level is allowed */
  waitMs: number;
  troubleAtMs: number;
}

export interface LevelSample {
  nowMs: number;
  /** rising */
  bitratesKbps: readonly number[];
  /** index of what is loaded now */
  level: number;
  stalled: boolean;
  /** how long the last media took to come, in its own duration, without the wait for it at the server; null: not known */
  loadShare: number | null;
}

/** media that takes so much of its duration to come empties the buffer */
const LOAD_SHARE_MAX = 0.98;
/** what a level may take of the network on the way down, and on the way up */
const DOWN_SHARE = 0.8;
const UP_SHARE = 0.85;
/** and for more than one level at a time */
const LEAP_SHARE = 0.5;
/** a rung that was not made yet takes so long to be there at the most */
const PENDING_MS = 8_000;
/** what was begun before a change is still coming */
const GRACE_MS = 2_500;
const WAIT_MS = { afterTrouble: 8_000, afterRaise: 5_000, afterFailure: 30_000 } as const;
const FAILED_WITHIN_MS = 10_000;

export function newLevelCap(nowMs: number): LevelCap {
  return { maxKbps: Number.POSITIVE_INFINITY, changedAtMs: nowMs, raised: false, waitMs: WAIT_MS.afterTrouble, troubleAtMs: nowMs };
}

export function stepLevelCap(before: LevelCap, sample: LevelSample): LevelCap {
  const { nowMs, bitratesKbps, level, stalled, loadShare } = sample;
  const slow = loadShare !== null && loadShare > LOAD_SHARE_MAX;
  const trouble = stalled || slow;
  const state = trouble ? { ...before, troubleAtMs: nowMs } : before;
  if (bitratesKbps.length < 2 || nowMs - before.changedAtMs < GRACE_MS) return state;
  const allowed = capIndex(state, bitratesKbps);
  if (level > allowed && nowMs - before.changedAtMs < PENDING_MS) return state; // the rung below is being made
  if (trouble) return lowered(state, sample, Math.min(level, allowed));
  const room = (share: number) => (share * (bitratesKbps[level] ?? 0)) / Math.max(loadShare ?? 0, 0.001);
  const far = loadShare === null ? -1 : bitratesKbps.findLastIndex((kbps) => kbps <= room(LEAP_SHARE));
  // a network that has plenty of room is not the one in which a level failed
  const waitMs = far > allowed ? Math.min(state.waitMs, WAIT_MS.afterTrouble) : state.waitMs;
  if (allowed + 1 >= bitratesKbps.length || nowMs - Math.max(state.troubleAtMs, state.changedAtMs) < waitMs) return state;
  const next = far > allowed ? far : allowed + 1;
  if ((bitratesKbps[next] ?? 0) > room(UP_SHARE)) return state;
  const maxKbps = next === bitratesKbps.length - 1 ? Number.POSITIVE_INFINITY : (bitratesKbps[next] ?? 0);
  return { ...state, maxKbps, changedAtMs: nowMs, raised: true, waitMs: WAIT_MS.afterRaise };
}

function lowered(state: LevelCap, { nowMs, bitratesKbps, loadShare }: LevelSample, level: number): LevelCap {
  if (level <= 0) return state;
  const roomKbps = (DOWN_SHARE * (bitratesKbps[level] ?? 0)) / Math.max(DOWN_SHARE, loadShare ?? 0);
  const fits = bitratesKbps.findLastIndex((kbps) => kbps <= roomKbps);
  const failed = state.raised && nowMs - state.changedAtMs < FAILED_WITHIN_MS;
  const maxKbps = bitratesKbps[Math.max(0, Math.min(level - 1, fits))] ?? 0;
  return { ...state, maxKbps, changedAtMs: nowMs, raised: false, waitMs: failed ? WAIT_MS.afterFailure : WAIT_MS.afterTrouble };
}

/** The highest level allowed. */
export function capIndex({ maxKbps }: LevelCap, bitratesKbps: readonly number[]): number {
  return Math.max(
    0,
    bitratesKbps.findLastIndex((kbps) => kbps <= maxKbps),
  );
}

/** The smallest level that fills the player, or else the largest. @param playerPx in the pixels of the screen; 0: not known */
export function sizeIndex(levels: readonly { width: number; height: number }[], playerPx: { width: number; height: number }): number {
  const last = levels.length - 1;
  if (playerPx.width <= 0 || playerPx.height <= 0) return last;
  const index = levels.findIndex(({ width, height }) => width >= playerPx.width || height >= playerPx.height);
  return index < 0 ? last : index;
}

export interface Load {
  transferMs: number;
  mediaMs: number;
}

/** parts are too short to tell much each */
const LOADS_MEDIA_MS = 900;

/** Of the last loads, newest last. @param running what is still coming: counts once it is slower than it plays */
export function loadShareOf(loads: readonly Load[], running: Load | null): number | null {
  const sum = { transferMs: 0, mediaMs: 0 };
  const newestFirst = [...(running && running.transferMs > running.mediaMs ? [running] : []), ...loads.toReversed()];
  for (const { transferMs, mediaMs } of newestFirst) {
    sum.transferMs += transferMs;
    sum.mediaMs += mediaMs;
    if (sum.mediaMs >= LOADS_MEDIA_MS) return sum.transferMs / sum.mediaMs;
  }
  return null;
}

export interface HoldBack {
  /** when playing last stalled */
  stalledAtMs: number;
  /** so long after it the distance is set back */
  waitMs: number;
  setBackAtMs: number;
}

const CALM_MS = { first: 15_000, most: 240_000 } as const;
const STALLED_AGAIN_MS = 30_000;

export function newHoldBack(nowMs: number): HoldBack {
  return { stalledAtMs: nowMs, waitMs: CALM_MS.first, setBackAtMs: Number.NEGATIVE_INFINITY };
}

/**
 * hls.js moves away from the live edge at each stall, for good: a busy start is not how the network is.
 * @param raised it plays further from the edge than the playlist asks for
 * @returns whether the distance is to be set back now
 */
export function stepHoldBack(
  before: HoldBack,
  { nowMs, stalled, raised }: { nowMs: number; stalled: boolean; raised: boolean },
): { state: HoldBack; setBack: boolean } {
  if (stalled) {
    const again = nowMs - before.setBackAtMs < STALLED_AGAIN_MS;
    const waitMs = again ? Math.min(CALM_MS.most, before.waitMs * 2) : before.waitMs;
    const setBackAtMs = again ? Number.NEGATIVE_INFINITY : before.setBackAtMs; // a stall counts once
    return { state: { stalledAtMs: nowMs, waitMs, setBackAtMs }, setBack: false };
  }
  if (!raised || nowMs - before.stalledAtMs < before.waitMs) return { state: before, setBack: false };
  return { state: { ...before, setBackAtMs: nowMs }, setBack: true };
}
