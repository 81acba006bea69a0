/**
 * How much the player keeps in hand, and how it gets there: by playing a little faster or slower, and by a jump where
 * that would take too long. What it keeps grows with stalls and uneven arrivals, and shrinks while all goes well.
 * Pure: the only mechanism of its kind on the page (mpegts.js's own are off; hls.js has its own and does without this).
 */

export interface CatchUp {
  /** what the player means to keep in hand */
  targetMs: number;
  /** when the target last changed */
  changedAtMs: number;
  /** playing stalled, and waits for the buffer to fill before it goes on */
  stall: { sinceMs: number; lastMs: number; targetBeforeMs: number } | null;
  rate: number;
}

export interface BufferSample {
  nowMs: number;
  /** media in hand */
  bufferMs: number;
  /** playing has stopped for want of media */
  stalled: boolean;
  /** the longest time without new media lately */
  gapMs: number;
  /** the first seconds: what the server sent of the GOP so far lies before us */
  starting: boolean;
}

export interface CatchUpStep {
  state: CatchUp;
  /** leave so much in hand, by a jump towards the live edge; null: no jump */
  jumpToMs: number | null;
}

export const TARGET_MS = { least: 300, first: 350, most: 4_000 } as const;
export const RATE = { slow: 0.95, usual: 1, faster: 1.06, fastest: 1.15 } as const;
/** above the target, where playing faster begins; it ends at the target */
const SLACK_MS = 120;
const FASTEST_ABOVE_MS = 300;
/** too far behind to be made up by playing faster */
const JUMP_ABOVE_MS = 2_500;
const JUMP_ABOVE_AT_START_MS = 600;
/** what a stall adds */
const STALL_FACTOR = 1.5;
const STALL_ADDS_MS = 150;
/** after so long without a stall the target comes down by a step, and again after so long */
const CALM_MS = 5_000;
const CALM_FACTOR = 0.8;
/** media that comes in lumps needs a lump in hand, and some more */
const GAP_MARGIN_MS = 120;
/** how long playing waits after a stall for more than the first piece */
const HOLD_MS_MAX = 2_000;
/** nothing for so long is a publisher or a server that went away: more in hand would not have helped */
const OUTAGE_MS = 3_000;

export function newCatchUp(nowMs: number, targetMs: number = TARGET_MS.first): CatchUp {
  return { targetMs: clampTarget(targetMs), changedAtMs: nowMs, stall: null, rate: RATE.usual };
}

export function stepCatchUp(before: CatchUp, sample: BufferSample): CatchUpStep {
  const state = adaptTarget(before, sample);
  const { bufferMs, nowMs, starting } = sample;
  const aboveMs = bufferMs - state.targetMs;
  if (state.stall) {
    if (aboveMs < 0 && nowMs - state.stall.lastMs < HOLD_MS_MAX) return { state: { ...state, rate: 0 }, jumpToMs: null };
    state.stall = null;
  }
  if (aboveMs > (starting ? JUMP_ABOVE_AT_START_MS : JUMP_ABOVE_MS)) {
    return { state: { ...state, rate: RATE.usual }, jumpToMs: state.targetMs };
  }
  return { state: { ...state, rate: nextRate(before.rate, aboveMs, state.targetMs) }, jumpToMs: null };
}

function adaptTarget(before: CatchUp, { nowMs, stalled, gapMs }: BufferSample): CatchUp {
  const floorMs = clampTarget(gapMs + GAP_MARGIN_MS);
  if (stalled && !before.stall) {
    const targetMs = clampTarget(Math.max(before.targetMs * STALL_FACTOR + STALL_ADDS_MS, floorMs));
    return { ...before, targetMs, changedAtMs: nowMs, stall: { sinceMs: nowMs, lastMs: nowMs, targetBeforeMs: before.targetMs } };
  }
  if (stalled && before.stall) {
    const { sinceMs, targetBeforeMs } = before.stall;
    const targetMs = nowMs - sinceMs > OUTAGE_MS ? targetBeforeMs : before.targetMs;
    return { ...before, targetMs, stall: { ...before.stall, lastMs: nowMs } };
  }
  if (floorMs > before.targetMs) return { ...before, targetMs: floorMs, changedAtMs: nowMs };
  if (nowMs - before.changedAtMs < CALM_MS) return { ...before };
  return { ...before, targetMs: Math.max(floorMs, before.targetMs * CALM_FACTOR), changedAtMs: nowMs };
}

/** Faster from well above the target down to it, slower from well below it up to it. */
function nextRate(rate: number, aboveMs: number, targetMs: number): number {
  if (aboveMs > FASTEST_ABOVE_MS) return RATE.fastest;
  if (aboveMs > SLACK_MS) return Math.max(rate, RATE.faster);
  if (aboveMs > 0 && rate > RATE.usual) return rate;
  if (aboveMs < -targetMs / 2) return RATE.slow;
  if (aboveMs < 0 && rate === RATE.slow) return rate;
  return RATE.usual;
}

function clampTarget(targetMs: number): number {
  return Math.min(TARGET_MS.most, Math.max(TARGET_MS.least, targetMs));
}
