/**
 * The rate controller of the product: bounds delay, and uses what the link has. docs/rate-control.md tells how and why.
 * Rates are totals (video, sound, packaging) inside, and video alone in decisions.
 */
import type { RateReason } from '../../../src-shared/domain/index.ts';
import type { RateController, RateDecision, RateLimits } from './controller.ts';
import type { Pressure } from './pressure.ts';
import {
  beginWindow,
  bestBurst,
  busySinceUs,
  bytesOf,
  extendWindow,
  follows,
  inRate,
  isLossy,
  outRate,
  since,
  type Window,
} from './window.ts';

interface Measured {
  kbps: number;
  /** how long something waited while it was measured: the longer, the surer */
  spanUs: number;
  atUs: number;
}

export interface TidecastState {
  videoKbps: number;
  reason: RateReason;
  window: Window;
  /** what the link takes, from when something last waited */
  measured: Measured | null;
  /** the link has become slower: what it took then, until what waits is gone */
  drain: { sinceUs: number; linkKbps: number; checkAtUs: number; fromKbps: number } | null;
  raisedAtUs: number;
  /** where it stood before the last raise */
  raisedFromKbps: number;
  /** the lowest raise that has failed lately; back-off of the next try */
  failed: { kbps: number; untilUs: number; backoffUs: number } | null;
  /** the highest rate that held, and since when the present one has */
  goodKbps: number;
  changedAtUs: number;
  /** the last time something waited for too long */
  congestedAtUs: number;
  droppedAtUs: number;
}

const MS = 1_000;
const S = 1_000_000;

/** Waiting for longer than this, with the link slower than the encode, is a fall of the link. */
const FALL_MS = 350;
/** A fall to so much less shows sooner. */
const DEEP_FALL_MS = 220;
const PAUSE_MS = 150;
/** What waits for so long, for a second and without shrinking, is too much for the rate. */
const STANDING_MS = 230;
const SHORTFALL_MS = 150;
const SETTLE_US = 1.5 * S;
/** Nothing can wait longer: what does is dropped. */
const DROP_MS = 1_000;
const DROP_SURELY_MS = 1_200;
const DROP_LEAST_MS = 200;
/** An IDR's bytes, in time of the encoder's output. */
const IDR_MS = 200;
const DROP_EVERY_US = 800 * MS;
/** Drained when only so much waits: the encoder takes a second to follow a raise. */
const DRAINED_MS = 180;
const DRAIN_S = 2;
/** How much of the old rate the encoder still makes after a fall. */
/** What arrives now is measured over so long: exact, or from acknowledgements alone. */
const EXACT_MS = 200;
const LUMPY_MS = 500;
const ENCODER_LAG_MS = 500;
const LEAST_USE = 0.5;
/** After a fall never all the way back at once. */
const BACK_PART = 0.95;
/** Where the rate is only a little too high. */
const EASE_USE = 0.965;
const EASE_MS = 500;
/** Part of a link that is used, by how surely it was measured. */
const USE_SHORT = 0.85;
const USE_LONG = 0.98;
const SURE_US = 1.4 * S;
/** Raises smaller than this are not worth a change. */
const RAISE_LEAST = 1.05;
const RAISE_EVERY_US = S;
/** Bursts of so long ago show what the link takes. */
const PROOF_US = 2.3 * S;
const PROVEN_USE = 0.92;
/** Towards a rate that has held before, in larger steps. */
const KNOWN_STEP = 1.3;
const KNOWN_EVERY_US = 2 * S;
/** A burst so much above what was measured: the link has become faster. */
const PROVEN_MORE = 1.15;
const PROBE_EVERY_US = 4 * S;
const PROBE = 1.1;
/** What was measured is believed for so long, unless a burst shows more. */
const LID_US = 58 * S;
/** A plain socket shows no bursts, and acknowledgements alone only large ones: there it has to be tried sooner. */
const SOCKET_LID_US = 20 * S;
const LUMPY_LID_US = 5 * S;
const BACKOFF_FIRST_US = 8 * S;
const BACKOFF_MAX_US = 128 * S;
const FAILED_WITHIN_US = 15 * S;

export const tidecast: RateController<TidecastState> = {
  initial(limits, nowUs, startKbps) {
    const videoKbps = clamp(startKbps ?? limits.ceilingKbps, limits);
    return {
      videoKbps,
      reason: videoKbps >= limits.ceilingKbps ? 'ceiling' : 'rising',
      window: { marks: [], offeredBytes: 0, deliveredBytes: 0, baseMs: 1_000, lumpBytes: 0 },
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

/** What one sample shows, in totals. */
interface View {
  atUs: number;
  limits: RateLimits;
  evidence: Pressure['evidence'];
  /** the encoder's output */
  inKbps: number;
  /** the same, sooner after a fall of the rate */
  encodedKbps: number;
  lumpy: boolean;
  /** what arrives now; null where there is too little to say */
  outKbps: number | null;
  waitingBytes: number;
  /** how long the newest media will wait */
  waitMs: number;
  busyUs: number;
}

function look({ window, measured, videoKbps }: TidecastState, sample: Pressure, limits: RateLimits): View {
  const { atUs } = sample;
  const busySince = busySinceUs(window);
  const busyUs = busySince === null ? 0 : atUs - busySince;
  const lumpy = isLumpy(sample);
  const outKbps = outRate(window, atUs - (lumpy ? LUMPY_MS : EXACT_MS) * MS);
  const waitingBytes = window.marks.at(-1)?.waitingBytes ?? 0;
  const known = measured?.kbps ?? videoKbps + other(limits);
  const drainKbps = Math.max(30, busyUs >= (lumpy ? 250 : 100) * MS ? (outKbps ?? known) : known);
  return {
    atUs,
    limits,
    evidence: sample.evidence,
    inKbps: inRate(window, atUs - S),
    encodedKbps: Math.min(inRate(window, atUs - S), inRate(window, atUs - 400 * MS)),
    lumpy,
    outKbps,
    waitingBytes,
    waitMs: (waitingBytes * 8) / drainKbps,
    busyUs,
  };
}

/** Nothing but acknowledgements, which come in lumps. */
const isLumpy = ({ evidence, tcp, unsentBytes }: Pressure): boolean => evidence === 'ack' && (tcp === null || unsentBytes === null);

/** The link's rate shows while something waits. */
function measure(state: TidecastState, { atUs, busyUs, lumpy }: View): TidecastState {
  if (busyUs < (lumpy ? 900 : 400) * MS) return state;
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
  if (stands(congested, view)) {
    const linkKbps = outRate(congested.window, view.atUs - Math.min(view.busyUs, 2 * S)) ?? view.outKbps ?? 0;
    const gentle = view.waitMs < EASE_MS && linkKbps > (congested.videoKbps + other(view.limits)) * 0.7;
    return gentle ? ease(congested, view, linkKbps) : fall(congested, view);
  }
  return rise(congested, view);
}

function isFall({ drain, videoKbps, changedAtUs }: TidecastState, view: View): boolean {
  const { atUs, waitMs, busyUs, outKbps, limits } = view;
  if (outKbps === null || busyUs < 100 * MS) return false;
  if (drain) return atUs >= drain.checkAtUs && outKbps < drain.linkKbps * 0.75 && waitMs > FALL_MS;
  const wanted = videoKbps + other(limits);
  // what an encoder still makes of a rate it has just left is known already
  const much = atUs - changedAtUs < SETTLE_US ? 0.7 : 0.85;
  if (waitMs > FALL_MS && outKbps < wanted * much && view.waitingBytes > bytesOf(outKbps, FALL_MS)) return true;
  // a pause of the link shorter than this is no fall
  const isMuch = view.waitingBytes > bytesOf(wanted, PAUSE_MS);
  return isMuch && waitMs > DEEP_FALL_MS && outKbps < wanted * 0.6 && !view.lumpy;
}

/** Something waits for a second, and either for too long and does not become less, or because less arrives than is asked for. */
function stands({ window, changedAtUs, videoKbps }: TidecastState, view: View): boolean {
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
function fall(state: TidecastState, view: View): TidecastState {
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

function drain(state: TidecastState, view: View): TidecastState {
  const { atUs, waitMs, limits } = view;
  if (!state.drain || waitMs > DRAINED_MS) return state;
  const { measured } = state;
  const { sinceUs, linkKbps, fromKbps } = state.drain;
  const fresh = measured && measured.atUs >= sinceUs + 300 * MS ? measured.kbps * partUsed(measured.spanUs * 2) : 0;
  // a link that had only paused shows at once that it takes more
  const burst = bestBurst(state.window, sinceUs, view.lumpy) * USE_SHORT;
  const usable = Math.max(fresh, burst, linkKbps * USE_SHORT) - other(limits);
  const next = set(
    state,
    Math.min(usable, burst > (fromKbps + other(limits)) * PROVEN_MORE ? fromKbps : fromKbps * BACK_PART),
    'link',
    view,
  );
  return { ...next, drain: null, raisedAtUs: atUs - FAILED_WITHIN_US };
}

function partUsed(spanUs: number): number {
  return USE_SHORT + (USE_LONG - USE_SHORT) * Math.min(1, spanUs / SURE_US);
}

function rise(state: TidecastState, view: View): TidecastState {
  const { atUs, limits, waitMs } = view;
  const held = atUs - Math.max(state.changedAtUs, state.congestedAtUs) > 8 * S;
  const good = held ? { ...state, goodKbps: Math.max(state.videoKbps, state.goodKbps) } : state;
  if (state.videoKbps >= limits.ceilingKbps) return { ...good, reason: 'ceiling' };
  if (waitMs > 120 || atUs - state.changedAtUs < RAISE_EVERY_US) return good;
  const room = roomKbps(good, view);
  const wanted = Math.min(limits.ceilingKbps, room);
  const enough = wanted >= state.videoKbps * RAISE_LEAST || (wanted >= limits.ceilingKbps && wanted > state.videoKbps);
  if (!enough) return { ...good, reason: good.reason === 'rising' && atUs - good.changedAtUs > 4 * S ? 'link' : good.reason };
  return { ...set(good, wanted, 'rising', view), raisedAtUs: atUs, raisedFromKbps: state.videoKbps };
}

/** The video rate that there is evidence for, or that is worth a try. */
function roomKbps(state: TidecastState, view: View): number {
  const { atUs, limits, evidence, lumpy } = view;
  const { measured, failed, videoKbps } = state;
  const held = failed && atUs < failed.untilUs ? failed.kbps * 0.95 : Number.POSITIVE_INFINITY;
  const provenKbps = proven(state, view);
  const isLid = measured !== null && atUs - measured.atUs < (evidence === 'socket' ? SOCKET_LID_US : lumpy ? LUMPY_LID_US : LID_US) && provenKbps < measured.kbps * PROVEN_MORE;
  if (isLid && atUs - measured.atUs < 3 * S) {
    const sure = measured.kbps * partUsed(measured.spanUs) - other(limits);
    return measured.spanUs >= SURE_US / 2 ? sure : Math.min(sure, held);
  }
  const burst = Math.min(provenKbps * PROVEN_USE - other(limits), videoKbps * 1.6);
  if (!isLid && burst > videoKbps * RAISE_LEAST)
    return failed && provenKbps < failed.kbps * PROVEN_MORE ? Math.min(burst, held) : Math.max(burst, knownStep(state));
  return Math.min(probe(state, view, isLid ? measured.kbps : 0), held);
}

/** Towards a rate that has held before the steps are larger. */
const knownStep = ({ videoKbps, goodKbps }: TidecastState): number => (videoKbps < goodKbps * 0.9 ? videoKbps * KNOWN_STEP : 0);

/** Without evidence: a little more, now and then, and only if the encoder makes use of what it has. @param lidKbps 0: nothing is known */
function probe(state: TidecastState, { atUs, limits, inKbps, evidence }: View, lidKbps: number): number {
  const { videoKbps, changedAtUs, congestedAtUs } = state;
  const totalKbps = videoKbps + other(limits);
  if (inKbps < totalKbps * 0.8) return 0;
  const known = lidKbps === 0 && evidence !== 'socket' ? knownStep(state) : 0;
  const everyUs = lidKbps > 0 && totalKbps > lidKbps * USE_SHORT ? LID_US : known > 0 ? KNOWN_EVERY_US : PROBE_EVERY_US;
  return atUs - Math.max(changedAtUs, congestedAtUs) < everyUs ? 0 : Math.max(known, videoKbps * PROBE);
}

/** What bursts since something last waited for too long have shown the link to take. A plain socket swallows them, and shows nothing. */
function proven({ window, congestedAtUs }: TidecastState, { atUs, evidence, lumpy }: View): number {
  return evidence === 'socket' ? 0 : bestBurst(window, Math.max(atUs - PROOF_US, congestedAtUs), lumpy);
}

/** Only where it helps: the IDR that follows is large itself, and larger the more the encoder still makes. */
function mustDrop({ droppedAtUs, window }: TidecastState, { atUs, waitingBytes, encodedKbps, outKbps }: View, sample: Pressure): boolean {
  if (atUs - droppedAtUs < DROP_EVERY_US || outKbps === null || !(sample.queueBytes > 0)) return false;
  const linkKbps = Math.max(30, outKbps, outRate(window, atUs - 700 * MS) ?? 0);
  const waitMs = (waitingBytes * 8) / linkKbps;
  const gainMs = ((sample.queueBytes - bytesOf(encodedKbps, IDR_MS)) * 8) / linkKbps;
  return waitMs > DROP_MS && gainMs > (waitMs > DROP_SURELY_MS ? 0 : DROP_LEAST_MS);
}

function set(state: TidecastState, videoKbps: number, reason: RateReason, { atUs, limits }: View): TidecastState {
  const rounded = clamp(Math.round(videoKbps / 10) * 10, limits);
  return { ...state, videoKbps: rounded, reason: rounded >= limits.ceilingKbps ? 'ceiling' : reason, changedAtUs: atUs };
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

const other = ({ otherKbps }: RateLimits): number => Math.max(0, otherKbps);

const clampNumber = (value: number, low: number, high: number): number => Math.max(low, Math.min(high, value));

const clamp = (kbps: number, { floorKbps, ceilingKbps }: RateLimits): number =>
  clampNumber(Number.isFinite(kbps) ? kbps : ceilingKbps, Math.min(floorKbps, ceilingKbps), ceilingKbps);
