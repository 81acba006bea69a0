/**
 * Larix Broadcaster's "hybrid" adaptation, from its published parameters: each second, where what is really sent falls under
 * 95 % of what is set and of what is required, the rate is scaled by their quotient in steps of 100 kbps; then 5 s of rest;
 * recovery begins after 30 s and goes on every 10 s by max(100, min(500, 10 %)) kbps; the floor is a quarter of the rate
 * required. Two kindnesses, since neither is told: it drops what has waited for two seconds, as ours does, and an IDR on its
 * way at the moment of the look is not taken for congestion.
 */
import type { RateController, RateLimits } from '../../../src-main/engine/rate-control/controller.ts';
import type { Pressure } from '../../../src-main/engine/rate-control/pressure.ts';

const EVERY_US = 1_000_000;
const SHORT_OF = 0.95;
const STEP_KBPS = 100;
const SETTLE_US = 5_000_000;
const RECOVER_AFTER_US = 30_000_000;
const RECOVER_EVERY_US = 10_000_000;
const FLOOR_SHARE = 0.25;
const AN_IDR_MS = 100;

interface State {
  kbps: number;
  checkedUs: number;
  sentBytes: number;
  /** made, and so expected to be sent: a scene that needs less than the rate is no congestion */
  offeredBytes: number;
  loweredUs: number | null;
  raisedUs: number;
}

export const larixHybrid: RateController<State> = {
  initial: (limits, nowUs, startKbps) => ({
    kbps: startKbps ?? limits.ceilingKbps,
    checkedUs: nowUs,
    sentBytes: 0,
    offeredBytes: 0,
    loweredUs: null,
    raisedUs: nowUs,
  }),
  step(state, sample, limits) {
    const next = sample.atUs - state.checkedUs >= EVERY_US ? check(state, sample, limits) : state;
    const videoKbps = Math.min(limits.ceilingKbps, Math.max(limits.floorKbps, next.kbps));
    return { state: next, decision: { videoKbps, reason: videoKbps < limits.ceilingKbps ? 'link' : 'ceiling', dropToIdr: false } };
  },
};

function check(state: State, { atUs, deliveredBytes, offeredBytes, queueMs }: Pressure, { ceilingKbps, otherKbps }: RateLimits): State {
  const spanMs = (atUs - state.checkedUs) / 1_000;
  const realKbps = ((deliveredBytes - state.sentBytes) * 8) / spanMs;
  const requiredKbps = ((offeredBytes - state.offeredBytes) * 8) / spanMs;
  const next = { ...state, checkedUs: atUs, sentBytes: deliveredBytes, offeredBytes };
  const isSettling = state.loweredUs !== null && atUs - state.loweredUs < SETTLE_US;
  const currentKbps = state.kbps + otherKbps;
  const isWaiting = queueMs > AN_IDR_MS;
  if (!isSettling && isWaiting && realKbps < SHORT_OF * currentKbps && realKbps < SHORT_OF * requiredKbps) {
    const scaled = Math.floor((state.kbps * (realKbps / requiredKbps)) / STEP_KBPS) * STEP_KBPS;
    return { ...next, kbps: Math.max(FLOOR_SHARE * ceilingKbps, scaled), loweredUs: atUs, raisedUs: atUs };
  }
  const isTime = state.loweredUs !== null && atUs - state.loweredUs >= RECOVER_AFTER_US && atUs - state.raisedUs >= RECOVER_EVERY_US;
  if (!isTime || state.kbps >= ceilingKbps) return next;
  const rise = Math.max(100, Math.min(500, 0.1 * state.kbps));
  return { ...next, kbps: Math.min(ceilingKbps, state.kbps + rise), raisedUs: atUs };
}
