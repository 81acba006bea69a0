/** When and how far the rate falls, and when it goes back; what is dropped when that is not enough. */
import type { Pressure } from './pressure.ts';
import {
  clampNumber,
  DROP_EVERY_US,
  MS,
  other,
  PROVEN_MORE,
  partUsed,
  RAISE_LEAST,
  S,
  STANDING_MS,
  set,
  type TidecastState,
  USE_LONG,
  USE_SHORT,
  type View,
} from './tidecast-state.ts';
import { bestBurst, bytesOf, isLossy, outRate, since } from './window.ts';

/** Waiting for longer than this, with the link slower than the encode, is a fall of the link. */
const FALL_MS = 350;
/** A fall to so much less shows sooner. */
const DEEP_FALL_MS = 220;
/** A pause of the link shorter than this is no fall. */
const PAUSE_MS = 150;
/** And for so long, if less arrives than is asked for. */
const SHORTFALL_MS = 150;
/** An encoder needs so long to follow. */
const SETTLE_US = 1.5 * S;
/** Nothing can wait longer: what does is dropped. */
const DROP_MS = 1_000;
/** Where so much waits, any gain will do; else it has to be this. */
const DROP_SURELY_MS = 1_200;
const DROP_LEAST_MS = 200;
/** An IDR's bytes, in time of the encoder's output. */
const IDR_MS = 200;
/** Drained when only so much waits: the encoder takes a second to follow a raise. */
const DRAINED_MS = 180;
/** What waits is to be gone in about so long. */
const DRAIN_S = 2;
/** How much of the old rate the encoder still makes after a fall. */
const ENCODER_LAG_MS = 500;
/** But no less of the link is used meanwhile. */
const LEAST_USE = 0.5;
/** After a fall never all the way back at once. */
const BACK_PART = 0.95;
/** Where the rate is only a little too high. */
const EASE_USE = 0.965;
/** With more than this waiting it is drained instead. */
const EASE_MS = 500;
/** A raise that fails so soon after is tried again after this, then twice as long, and so on. */
const BACKOFF_FIRST_US = 8 * S;
const BACKOFF_MAX_US = 128 * S;
const FAILED_WITHIN_US = 15 * S;

export function isFall({ drain, videoKbps, changedAtUs }: TidecastState, view: View): boolean {
  const { atUs, waitMs, busyUs, outKbps, limits } = view;
  if (outKbps === null || busyUs < 100 * MS) return false;
  if (drain) return atUs >= drain.checkAtUs && outKbps < drain.linkKbps * 0.75 && waitMs > FALL_MS;
  const wanted = videoKbps + other(limits);
  // what an encoder still makes of a rate it has just left is known already
  const much = atUs - changedAtUs < SETTLE_US ? 0.7 : 0.85;
  if (waitMs > FALL_MS && outKbps < wanted * much && view.waitingBytes > bytesOf(outKbps, FALL_MS)) return true;
  const isMuch = view.waitingBytes > bytesOf(wanted, PAUSE_MS);
  return isMuch && waitMs > DEEP_FALL_MS && outKbps < wanted * 0.6;
}

/** Something waits for a second, and either for too long and does not become less, or because less arrives than is asked for. */
export function stands({ window, changedAtUs, videoKbps }: TidecastState, view: View): boolean {
  const { atUs, waitMs, busyUs, outKbps, limits } = view;
  if (outKbps === null || busyUs < S || atUs - changedAtUs < S) return false;
  const second = since(window, atUs - S);
  const least = Math.min(...second.map(({ waitingBytes }) => waitingBytes));
  const [first] = second;
  const shrinks = first !== undefined && view.waitingBytes < first.waitingBytes - bytesOf(outKbps, 40);
  if (shrinks && waitMs < 2 * FALL_MS) return false;
  const secondKbps = outRate(window, atUs - S) ?? outKbps;
  const isShort = waitMs > SHORTFALL_MS && secondKbps < (videoKbps + other(limits)) * 0.93 && !isLossy(window, atUs - SETTLE_US);
  return (least * 8) / secondKbps > STANDING_MS || isShort;
}

/** To what the link delivers, and for a while below: what waits has to go, and what the encoder still makes at the old rate. */
export function fall(state: TidecastState, view: View): TidecastState {
  const { atUs, outKbps, encodedKbps, waitingBytes, limits } = view;
  const linkKbps = Math.max(outKbps ?? 0, 1);
  const surplus = waitingBytes + bytesOf(Math.max(0, encodedKbps - linkKbps), ENCODER_LAG_MS);
  const drainKbps = linkKbps * 0.95 - (surplus * 8) / MS / DRAIN_S;
  const totalKbps = clampNumber(drainKbps, linkKbps * LEAST_USE, linkKbps * 0.92);
  const next = set(state, Math.min(state.videoKbps, totalKbps - other(limits)), 'draining', view);
  return {
    ...next,
    ...afterFailure(state, atUs),
    measured: { kbps: linkKbps, spanUs: 400 * MS, atUs },
    drain: { sinceUs: atUs, linkKbps, checkAtUs: atUs + 600 * MS, fromKbps: state.drain?.fromKbps ?? state.videoKbps },
    congestedAtUs: atUs,
  };
}

/** What stands is a little too much, or a lot. */
export function yieldTo(state: TidecastState, view: View): TidecastState {
  const { atUs, busyUs, outKbps, waitMs, limits } = view;
  const linkKbps = outRate(state.window, atUs - Math.min(busyUs, 2 * S)) ?? outKbps ?? 0;
  const isLittle = waitMs < EASE_MS && linkKbps > (state.videoKbps + other(limits)) * 0.7;
  return isLittle ? ease(state, view, linkKbps) : fall(state, view);
}

/** A rate a little too high: back to the one that held, without emptying the queue in a hurry. */
function ease(state: TidecastState, view: View, linkKbps: number): TidecastState {
  const { atUs, limits } = view;
  const heldKbps = state.raisedFromKbps + other(limits);
  const holds = heldKbps >= linkKbps * USE_SHORT && heldKbps <= linkKbps * USE_LONG;
  const easedKbps = (holds ? heldKbps : linkKbps * EASE_USE) - other(limits);
  if (easedKbps > state.videoKbps * (2 - RAISE_LEAST)) return { ...state, measured: { kbps: linkKbps, spanUs: S, atUs } };
  const next = set(state, easedKbps, 'link', view);
  return { ...next, ...afterFailure(state, atUs), measured: { kbps: linkKbps, spanUs: S, atUs } };
}

/** A raise that led to this waits longer before it is tried again. */
function afterFailure(state: TidecastState, atUs: number): Partial<TidecastState> {
  if (atUs - state.raisedAtUs > FAILED_WITHIN_US || state.raisedFromKbps >= state.videoKbps) return { raisedFromKbps: state.videoKbps };
  const backoffUs = Math.min(BACKOFF_MAX_US, (state.failed?.backoffUs ?? BACKOFF_FIRST_US / 2) * 2);
  const goodKbps = Math.min(state.goodKbps, Math.max(state.raisedFromKbps, state.videoKbps * 0.95));
  return { failed: { kbps: state.videoKbps, untilUs: atUs + backoffUs, backoffUs }, raisedFromKbps: state.videoKbps, goodKbps };
}

export function drain(state: TidecastState, view: View): TidecastState {
  const { atUs, waitMs, limits } = view;
  if (!state.drain || waitMs > DRAINED_MS) return state;
  const { measured } = state;
  const { sinceUs, linkKbps, fromKbps } = state.drain;
  const fresh = measured && measured.atUs >= sinceUs + 300 * MS ? measured.kbps * partUsed(measured.spanUs * 3) : 0;
  // a link that had only paused shows at once that it takes more
  const burst = bestBurst(state.window, sinceUs) * USE_SHORT;
  const usable = Math.max(fresh, burst, linkKbps * USE_SHORT) - other(limits);
  const next = set(
    state,
    Math.min(usable, burst > (fromKbps + other(limits)) * PROVEN_MORE ? fromKbps : fromKbps * BACK_PART),
    'link',
    view,
  );
  return { ...next, drain: null, raisedAtUs: atUs - FAILED_WITHIN_US };
}

/** Only where it helps: the IDR that follows is large itself, and larger the more the encoder still makes. */
export function mustDrop(
  { droppedAtUs, window }: TidecastState,
  { atUs, waitingBytes, encodedKbps, outKbps }: View,
  sample: Pressure,
): boolean {
  if (atUs - droppedAtUs < DROP_EVERY_US || outKbps === null || !(sample.queueBytes > 0)) return false;
  const linkKbps = Math.max(30, outKbps, outRate(window, atUs - 700 * MS) ?? 0);
  const waitMs = (waitingBytes * 8) / linkKbps;
  const gainMs = ((sample.queueBytes - bytesOf(encodedKbps, IDR_MS)) * 8) / linkKbps;
  return waitMs > DROP_MS && gainMs > (waitMs > DROP_SURELY_MS ? 0 : DROP_LEAST_MS);
}
