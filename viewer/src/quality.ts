/**
 * Which rung of the ladder is played over FLV, when the visitor leaves it to us. (hls.js chooses by itself.)
 * Down, when media comes later and later, playing stalls, or the browser drops pictures; up, when a measurement says
 * that the network has room for more. What failed is not tried again soon. Pure.
 */

export interface QualityState {
  /** the rung in use, from the smallest */
  index: number;
  /** when it was taken */
  sinceMs: number;
  /** a measurement comes no sooner, and this long after the last one */
  probeAtMs: number;
  probeEveryMs: number;
  /** what was taken last was a step up */
  raised: boolean;
  /** rungs above this drop pictures here, until then */
  decodes: { maxIndex: number; untilMs: number; forMs: number };
  /** pictures so far when the count was last begun */
  counted: { atMs: number; shown: number; dropped: number };
}

export interface QualitySample {
  nowMs: number;
  /** of the rungs, rising */
  bitratesKbps: readonly number[];
  /** how long media was on its way from the server to the player, beyond what is usual here; null: not known */
  lateMs: number | null;
  stalled: boolean;
  /** what came lately; null: not known */
  receivedKbps: number | null;
  shownFrames: number;
  droppedFrames: number;
  /** what a measurement has found since the last sample, beside the stream; null: there was none */
  probeKbps: number | null;
}

export interface QualityStep {
  state: QualityState;
  /** the network is to be measured now */
  probe: boolean;
  reason: 'late' | 'stalled' | 'dropped' | 'room' | null;
}

/** media that comes so late means that the network takes less than the rung needs */
const LATE_MS = 700;
/** a new connection begins with what the server has kept, which is late by nature */
const GRACE_MS = 2_500;
/** a stall soon after another cause is the same trouble */
const SETTLE_MS = 4_000;
/** what a rung may take of what the network brings: on the way down, and on the way up */
const DOWN_SHARE = 0.8;
const UP_SHARE = 0.7;
const PROBE_MS = { first: 5_000, most: 12_000, factor: 1.4 } as const;
/** a step up that had to be taken back within this time makes the next one wait */
const FAILED_WITHIN_MS = 10_000;
const AFTER_FAILURE_MS = 30_000;
const DROPS = { everyMs: 3_000, framesMin: 45, share: 0.2, forMs: 60_000, forMsMax: 600_000 } as const;

export function newQuality(nowMs: number, index: number): QualityState {
  return {
    index,
    sinceMs: nowMs,
    probeAtMs: nowMs + PROBE_MS.first,
    probeEveryMs: PROBE_MS.first,
    raised: false,
    decodes: { maxIndex: Number.POSITIVE_INFINITY, untilMs: 0, forMs: DROPS.forMs },
    counted: { atMs: nowMs, shown: 0, dropped: 0 },
  };
}

export function stepQuality(before: QualityState, sample: QualitySample): QualityStep {
  const { nowMs, bitratesKbps } = sample;
  const counted = countDrops(before, sample);
  const state = { ...counted.state, index: Math.min(counted.state.index, bitratesKbps.length - 1) };
  if (counted.tooMany && state.index > 0) return { state: dropPictures(state, nowMs), probe: false, reason: 'dropped' };
  const reason = networkTrouble(state, sample);
  if (reason && state.index > 0) return { state: lower(state, sample), probe: false, reason };
  const ceiling = Math.min(bitratesKbps.length - 1, nowMs < state.decodes.untilMs ? state.decodes.maxIndex : Number.POSITIVE_INFINITY);
  if (reason || state.index >= ceiling) return { state, probe: false, reason: null };
  if (sample.probeKbps !== null) return raise(state, sample, ceiling);
  const probe = nowMs >= state.probeAtMs && !sample.stalled;
  return { state: probe ? { ...state, probeAtMs: nowMs + state.probeEveryMs } : state, probe, reason: null };
}

function networkTrouble({ sinceMs }: QualityState, { nowMs, lateMs, stalled }: QualitySample): 'late' | 'stalled' | null {
  if (nowMs - sinceMs < GRACE_MS) return null;
  if (lateMs !== null && lateMs > LATE_MS) return 'late';
  return stalled && nowMs - sinceMs > SETTLE_MS && (lateMs === null || lateMs > LATE_MS / 2) ? 'stalled' : null;
}

/** To the best rung that what came lately carries. */
function lower(state: QualityState, { nowMs, receivedKbps, bitratesKbps }: QualitySample): QualityState {
  const below = state.index - 1;
  const fits = receivedKbps === null ? below : bitratesKbps.findLastIndex((kbps) => kbps <= receivedKbps * DOWN_SHARE);
  const failed = state.raised && nowMs - state.sinceMs < FAILED_WITHIN_MS;
  return {
    ...state,
    index: Math.max(0, Math.min(below, fits)),
    sinceMs: nowMs,
    raised: false,
    probeAtMs: nowMs + (failed ? AFTER_FAILURE_MS : PROBE_MS.first),
    probeEveryMs: PROBE_MS.first,
  };
}

function raise(state: QualityState, { nowMs, probeKbps, receivedKbps, bitratesKbps }: QualitySample, ceiling: number): QualityStep {
  const roomKbps = ((probeKbps ?? 0) + (receivedKbps ?? 0)) * UP_SHARE;
  const index = bitratesKbps.findLastIndex((kbps, i) => i <= ceiling && kbps <= roomKbps);
  if (index <= state.index) {
    const probeEveryMs = Math.min(PROBE_MS.most, state.probeEveryMs * PROBE_MS.factor);
    return { state: { ...state, probeEveryMs, probeAtMs: nowMs + probeEveryMs }, probe: false, reason: null };
  }
  const raised = { ...state, index, sinceMs: nowMs, raised: true, probeAtMs: nowMs + PROBE_MS.first, probeEveryMs: PROBE_MS.first };
  return { state: raised, probe: false, reason: 'room' };
}

function countDrops(state: QualityState, { nowMs, shownFrames, droppedFrames }: QualitySample): { state: QualityState; tooMany: boolean } {
  const { counted } = state;
  if (nowMs - counted.atMs < DROPS.everyMs && shownFrames >= counted.shown) return { state, tooMany: false };
  const shown = shownFrames - counted.shown;
  const dropped = droppedFrames - counted.dropped;
  const began = counted.atMs - state.sinceMs >= GRACE_MS; // the first pictures of a connection are late by nature
  const tooMany = began && shown + dropped >= DROPS.framesMin && dropped > DROPS.share * (shown + dropped);
  return { state: { ...state, counted: { atMs: nowMs, shown: shownFrames, dropped: droppedFrames } }, tooMany };
}

/** This computer is too slow for the rung: it is left alone for a minute, then for longer and longer. */
function dropPictures(state: QualityState, nowMs: number): QualityState {
  const { decodes } = state;
  const forMs = decodes.untilMs > 0 ? Math.min(DROPS.forMsMax, decodes.forMs * 2) : decodes.forMs;
  const index = state.index - 1;
  return {
    ...state,
    index,
    sinceMs: nowMs,
    raised: false,
    probeAtMs: nowMs + PROBE_MS.first,
    decodes: { maxIndex: index, untilMs: nowMs + forMs, forMs },
  };
}
