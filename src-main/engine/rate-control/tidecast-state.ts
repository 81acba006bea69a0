/** What the controller remembers, what it sees in a sample, and what its parts share. */
import type { RateReason } from '../../../src-shared/domain/index.ts';
import type { RateLimits } from './controller.ts';
import type { Pressure } from './pressure.ts';
import type { Window } from './window.ts';

export interface Measured {
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

/** What one sample shows, in totals. */
export interface View {
  atUs: number;
  limits: RateLimits;
  evidence: Pressure['evidence'];
  /** the encoder's output */
  inKbps: number;
  /** the same, sooner after a fall of the rate */
  encodedKbps: number;
  /** what arrives now; null where there is too little to say */
  outKbps: number | null;
  waitingBytes: number;
  /** how long the newest media will wait */
  waitMs: number;
  busyUs: number;
}

export const MS = 1_000;
export const S = 1_000_000;

/** Part of a link that is used, by how surely it was measured. */
export const USE_SHORT = 0.85;
export const USE_LONG = 0.98;
export const SURE_US = 1.4 * S;
/** A burst so much above what was measured: the link has become faster. */
export const PROVEN_MORE = 1.15;
/** Raises smaller than this are not worth a change. */
export const RAISE_LEAST = 1.05;
export const DROP_EVERY_US = 800 * MS;
/** What waits for so long, for a second and without shrinking, is too much for the rate. */
export const STANDING_MS = 230;

export function partUsed(spanUs: number): number {
  return USE_SHORT + (USE_LONG - USE_SHORT) * Math.min(1, spanUs / SURE_US);
}

export function set(state: TidecastState, videoKbps: number, reason: RateReason, { atUs, limits }: View): TidecastState {
  const rounded = clamp(Math.round(videoKbps / 10) * 10, limits);
  return { ...state, videoKbps: rounded, reason: rounded >= limits.ceilingKbps ? 'ceiling' : reason, changedAtUs: atUs };
}

export const other = ({ otherKbps }: RateLimits): number => Math.max(0, otherKbps);

export const clampNumber = (value: number, low: number, high: number): number => Math.max(low, Math.min(high, value));

export const clamp = (kbps: number, { floorKbps, ceilingKbps }: RateLimits): number =>
  clampNumber(Number.isFinite(kbps) ? kbps : ceilingKbps, Math.min(floorKbps, ceilingKbps), ceilingKbps);
