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
  busyPart,
  busySinceUs,
  bytesOf,
  extendWindow,
  follows,
  inRate,
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
  drain: { sinceUs: number; linkKbps: number; checkAtUs: number } | null;
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
/** What waits for so long, for a second and without shrinking, is too much for the rate. */
const STANDING_MS = 230;
/** Nothing can wait longer: what does is dropped. */
const DROP_MS = 850;
const DROP_SURELY_MS = 1_200;
const DROP_LEAST_MS = 200;
/** An IDR's bytes, in time of the encoder's output. */
const IDR_MS = 200;
const DROP_EVERY_US = 800 * MS;
/** Drained when only so much waits: the encoder takes a second to follow a raise. */
const DRAINED_MS = 180;
const DRAIN_S = 1.3;
/** How much of the old rate the encoder still makes after a fall. */
const ENCODER_LAG_MS = 500;
const LEAST_USE = 0.35;
/** Part of a link that is used, by how surely it was measured. */
const USE_SHORT = 0.85;
const USE_LONG = 0.965;
const SURE_US = 1.4 * S;
/** Raises smaller than this are not worth a change. */
const RAISE_LEAST = 1.05;
const RAISE_EVERY_US = 1.9 * S;
const PROBE_EVERY_US = 4 * S;
const PROBE = 1.07;
/** What was measured is believed for so long, unless a burst shows more. */
const LID_US = 40 * S;
const BACKOFF_FIRST_US = 8 * S;
const BACKOFF_MAX_US = 128 * S;
const FAILED_WITHIN_US = 6 * S;

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
  const outKbps = outRate(window, atUs - (lumpy ? 700 : 200) * MS);
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
  return rise(congested, view);
}

function isFall({ window, drain, videoKbps }: TidecastState, view: View): boolean {
  const { atUs, waitMs, busyUs, outKbps, inKbps, limits } = view;
  if (outKbps === null || busyUs < 100 * MS) return false;
  if (drain) return atUs >= drain.checkAtUs && outKbps < drain.linkKbps * 0.75 && waitMs > FALL_MS;
  const wanted = Math.max(inKbps, videoKbps + other(limits));
  if (waitMs > FALL_MS && outKbps < wanted * 0.85) return true;
  if (waitMs > DEEP_FALL_MS && outKbps < wanted * 0.6 && !view.lumpy) return true;
  const second = since(window, atUs - S);
  const least = Math.min(...second.map(({ waitingBytes }) => waitingBytes));
  const [first] = second;
  const shrinks = first !== undefined && view.waitingBytes < first.waitingBytes - bytesOf(outKbps, 40);
  return busyUs >= S && (least * 8) / outKbps > STANDING_MS && (!shrinks || waitMs > 2 * FALL_MS);
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
    drain: { sinceUs: atUs, linkKbps, checkAtUs: atUs + 600 * MS },
    congestedAtUs: atUs,
  };
}

/** A raise that led to this waits longer before it is tried again. */
function afterFailure(state: TidecastState, atUs: number): Partial<TidecastState> {
  if (atUs - state.raisedAtUs > FAILED_WITHIN_US || state.raisedFromKbps >= state.videoKbps) return { raisedFromKbps: state.videoKbps };
  const backoffUs = Math.min(BACKOFF_MAX_US, (state.failed?.backoffUs ?? BACKOFF_FIRST_US / 2) * 2);
  return { failed: { kbps: state.videoKbps, untilUs: atUs + backoffUs, backoffUs }, raisedFromKbps: state.videoKbps };
}

function drain(state: TidecastState, view: View): TidecastState {
  const { atUs, waitMs, limits } = view;
  if (!state.drain || waitMs > DRAINED_MS) return state;
  const { measured } = state;
  const fresh = measured && measured.atUs >= state.drain.sinceUs ? measured : null;
  const linkKbps = fresh?.kbps ?? state.drain.linkKbps;
  const use = fresh ? partUsed(fresh.spanUs * 2) : USE_SHORT;
  const next = set(state, linkKbps * use - other(limits), 'link', view);
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
  const { atUs, limits, inKbps } = view;
  const { measured, failed, videoKbps } = state;
  const sure = measured && atUs - measured.atUs < 3 * S ? measured.kbps * partUsed(measured.spanUs) - other(limits) : null;
  const held = failed && atUs < failed.untilUs ? failed.kbps * 0.95 : Number.POSITIVE_INFINITY;
  if (sure !== null) return measured && measured.spanUs >= SURE_US / 2 ? sure : Math.min(sure, held);
  const burst = burstRoom(state, view);
  const lidKbps = lid(state, view);
  if (burst > videoKbps * RAISE_LEAST && burst > lidKbps * 1.1) return Math.min(burst, held);
  const used = inKbps > (videoKbps + other(limits)) * 0.8;
  const full = videoKbps + other(limits) > lidKbps * USE_SHORT;
  const every = lidKbps > 0 && full ? LID_US : PROBE_EVERY_US;
  const probes = used && atUs - Math.max(state.changedAtUs, state.congestedAtUs) >= every;
  return probes ? Math.min(videoKbps * PROBE, held) : 0;
}

/** What was measured holds until a burst shows more, or too little waits for it to be true any longer. */
function lid({ measured, window }: TidecastState, { atUs, inKbps }: View): number {
  if (!measured || atUs - measured.atUs > LID_US) return 0;
  return inKbps > measured.kbps * 0.85 && busyPart(window, atUs - 3 * S) < 0.1 ? 0 : measured.kbps;
}

/** A keyframe is a burst: how fast it went shows what the link takes at least. A plain socket swallows it, and shows nothing. */
function burstRoom(state: TidecastState, { atUs, limits, evidence, lumpy }: View): number {
  if (evidence === 'socket') return 0;
  const burst = bestBurst(state.window, Math.max(atUs - 2.2 * S, state.changedAtUs), lumpy);
  return Math.min(burst * 0.9 - other(limits), state.videoKbps * 1.6);
}

/** Only where it helps: the IDR that follows is large itself, and larger the more the encoder still makes. */
function mustDrop({ droppedAtUs }: TidecastState, { atUs, waitMs, waitingBytes, encodedKbps }: View, sample: Pressure): boolean {
  if (atUs - droppedAtUs < DROP_EVERY_US || waitMs < DROP_MS || !(sample.queueBytes > 0)) return false;
  const gainMs = ((sample.queueBytes - bytesOf(encodedKbps, IDR_MS)) * waitMs) / Math.max(1, waitingBytes);
  return gainMs > (waitMs > DROP_SURELY_MS ? 0 : DROP_LEAST_MS);
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
