/**
 * The rate controller of the product: bounds delay, and uses what the link has. docs/rate-control.md tells how and why.
 * Rates are totals (video, sound, packaging) inside, and video alone in decisions.
 */
import type { RateController, RateDecision, RateLimits } from './controller.ts';
import { drain, fall, isFall, mustDrop, stands, yieldTo } from './lower.ts';
import type { Pressure } from './pressure.ts';
import { rise } from './raise.ts';
import { clamp, DROP_EVERY_US, MS, other, S, STANDING_MS, type TidecastState, type View } from './tidecast-state.ts';
import { beginWindow, busySinceUs, extendWindow, follows, inRate, NO_ACKS, outRate } from './window.ts';

export type { TidecastState } from './tidecast-state.ts';

/** What arrives now is measured over so long. */
const NOW_MS = 200;

export const tidecast: RateController<TidecastState> = {
  initial(limits, nowUs, startKbps) {
    const videoKbps = clamp(startKbps ?? limits.ceilingKbps, limits);
    return {
      videoKbps,
      reason: videoKbps >= limits.ceilingKbps ? 'ceiling' : 'rising',
      window: { marks: [], offeredBytes: 0, deliveredBytes: 0, baseMs: 1_000, lumpBytes: 0, acks: NO_ACKS },
      measured: null,
      drain: null,
      raisedAtUs: nowUs,
      raisedFromKbps: videoKbps,
      failed: null,
      goodKbps: videoKbps,
      changedAtUs: nowUs,
      congestedAtUs: nowUs,
      droppedAtUs: nowUs - DROP_EVERY_US,
    };
  },

  step(state, sample, limits) {
    const kind = follows(state.window, sample);
    const clipped = clip(state, limits);
    if (kind === 'unusable') return decide(clipped, false);
    if (kind === 'anew')
      return decide({ ...clipped, window: beginWindow(sample, state.window.baseMs), measured: null, drain: null }, false);
    const totalKbps = clipped.videoKbps + other(limits);
    const window = extendWindow(state.window, sample, state.measured?.kbps ?? totalKbps);
    const view = look({ ...clipped, window }, sample, limits);
    const next = act(measure({ ...clipped, window }, view), view);
    const drop = mustDrop(next, view, sample);
    return decide(drop ? { ...next, droppedAtUs: sample.atUs } : next, drop);
  },
};

function look({ window, measured, videoKbps }: TidecastState, sample: Pressure, limits: RateLimits): View {
  const { atUs } = sample;
  const busySince = busySinceUs(window);
  const busyUs = busySince === null ? 0 : atUs - busySince;
  const outKbps = outRate(window, atUs - NOW_MS * MS);
  const waitingBytes = window.marks.at(-1)?.waitingBytes ?? 0;
  const known = measured?.kbps ?? videoKbps + other(limits);
  const drainKbps = Math.max(30, busyUs >= 100 * MS ? (outKbps ?? known) : known);
  return {
    atUs,
    limits,
    evidence: sample.evidence,
    inKbps: inRate(window, atUs - S),
    encodedKbps: Math.min(inRate(window, atUs - S), inRate(window, atUs - 400 * MS)),
    outKbps,
    waitingBytes,
    waitMs: (waitingBytes * 8) / drainKbps,
    busyUs,
  };
}

/** The link's rate shows while something waits. */
function measure(state: TidecastState, { atUs, busyUs }: View): TidecastState {
  if (busyUs < 400 * MS) return state;
  const spanUs = Math.min(busyUs, state.drain ? Math.max(400 * MS, atUs - state.drain.sinceUs) : busyUs, 2.5 * S);
  const kbps = outRate(state.window, atUs - spanUs);
  const { measured } = state;
  if (kbps === null || (measured && atUs - measured.atUs < 3 * S && spanUs < Math.min(measured.spanUs, S))) return state;
  return { ...state, measured: { kbps, spanUs, atUs } };
}

function act(state: TidecastState, view: View): TidecastState {
  const congested = view.waitMs > STANDING_MS ? { ...state, congestedAtUs: view.atUs } : state;
  if (isFall(congested, view)) return fall(congested, view);
  if (congested.drain) return drain(congested, view);
  if (stands(congested, view)) return yieldTo(congested, view);
  return rise(congested, view);
}

/** The user may have moved the limits. */
function clip(state: TidecastState, limits: RateLimits): TidecastState {
  const videoKbps = clamp(state.videoKbps, limits);
  return videoKbps === state.videoKbps ? state : { ...state, videoKbps };
}

const decide = (state: TidecastState, dropToIdr: boolean): { state: TidecastState; decision: RateDecision } => ({
  state,
  decision: { videoKbps: state.videoKbps, reason: state.reason, dropToIdr },
});
