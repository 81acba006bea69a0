/**
 * What can go wrong although media comes: pictures that stop while time goes on, pictures and sound apart, a decoder
 * that gives up. A fresh keyframe is asked for first, a new connection comes after. Pure.
 */

export type Trouble = 'frozen' | 'apart' | 'undecodable';
export type Remedy = 'keyframe' | 'nudge' | 'reconnect';

export interface TroubleState {
  /** time of media when the last new picture was shown, and the wall clock then */
  pictureAtMs: number;
  mediaAtPictureMs: number;
  frames: number;
  /** media between the last pictures, newest last */
  intervalsMs: readonly number[];
  /** what is no freeze yet, for all that is known: doubled by each reconnect in vain, until pictures tell the frame rate */
  patienceMs: number;
  apartSinceMs: number | null;
  /** what was done about it, and when */
  remedy: { kind: Remedy; trouble: Trouble; atMs: number } | null;
}

export interface TroubleSample {
  nowMs: number;
  mediaTimeMs: number;
  /** pictures handed to the screen so far, dropped ones too: a slow computer is not frozen */
  frames: number;
  /** sound plays, time goes on, and the tab is seen: a hidden one need not show pictures */
  watched: boolean;
  /** the picture shown against the sound heard, positive: the picture is early; null: not known */
  apartMs: number | null;
}

export interface TroubleStep {
  state: TroubleState;
  trouble: Trouble | null;
  remedy: Remedy | null;
}

/** so much media without a picture is a freeze, or so many times the longest of the last intervals: slides have long ones */
const FROZEN_MEDIA_MS = 1_000;
const FROZEN_INTERVALS = 3;
const INTERVALS = 6;
const PATIENCE_MAX_MS = 16_000;
/** ITU-R BT.1359-1 finds sound 125 ms late or 45 ms early noticeable; the browser's own figures swing by some 50 ms */
const APART_MS = 150;
const APART_FOR_MS = 3_000;
/** how long a remedy is given before the next */
const REMEDY_MS = { keyframe: 2_500, nudge: 8_000, reconnect: 10_000 } as const;

/** @param before of the connection before, whose frame rate is likely this one's */
export function newTroubleWatch(nowMs: number, before: TroubleState | null = null): TroubleState {
  const { intervalsMs, patienceMs } = before ?? { intervalsMs: [], patienceMs: FROZEN_MEDIA_MS };
  return { pictureAtMs: nowMs, mediaAtPictureMs: 0, frames: 0, intervalsMs, patienceMs, apartSinceMs: null, remedy: null };
}

export function stepTrouble(before: TroubleState, sample: TroubleSample): TroubleStep {
  const { nowMs, mediaTimeMs, frames, watched, apartMs } = sample;
  const state = { ...before };
  const fresh = frames !== before.frames || !watched || mediaTimeMs < before.mediaAtPictureMs;
  if (watched && before.frames > 0 && frames > before.frames) noteInterval(state, mediaTimeMs - before.mediaAtPictureMs);
  if (fresh) Object.assign(state, { pictureAtMs: nowMs, mediaAtPictureMs: mediaTimeMs, frames });
  const isApart = watched && apartMs !== null && Math.abs(apartMs) > APART_MS;
  state.apartSinceMs = isApart ? (before.apartSinceMs ?? nowMs) : null;
  if (!fresh && mediaTimeMs - state.mediaAtPictureMs >= frozenMs(state)) return remedyFor(state, 'frozen', nowMs);
  if (state.apartSinceMs !== null && nowMs - state.apartSinceMs >= APART_FOR_MS) return remedyFor(state, 'apart', nowMs);
  if (state.remedy && nowMs - state.remedy.atMs > REMEDY_MS[state.remedy.kind]) state.remedy = null; // it has helped
  return { state, trouble: null, remedy: null };
}

function noteInterval(state: TroubleState, intervalMs: number): void {
  if (intervalMs < 0) return; // the player jumped back
  state.intervalsMs = [...state.intervalsMs, intervalMs].slice(-INTERVALS);
  if (state.intervalsMs.length === INTERVALS) state.patienceMs = FROZEN_MEDIA_MS;
}

function frozenMs({ intervalsMs, patienceMs }: TroubleState): number {
  return Math.max(patienceMs, FROZEN_INTERVALS * Math.max(0, ...intervalsMs));
}

function remedyFor(state: TroubleState, trouble: Trouble, nowMs: number): TroubleStep {
  const { remedy: last } = state;
  if (last && nowMs - last.atMs < REMEDY_MS[last.kind]) return { state, trouble, remedy: null };
  const first: Remedy = trouble === 'apart' ? 'nudge' : 'keyframe';
  const kind: Remedy = last?.trouble === trouble && last.kind !== 'reconnect' ? 'reconnect' : first;
  const inVain = kind === 'reconnect' && trouble === 'frozen';
  const patienceMs = inVain ? Math.min(PATIENCE_MAX_MS, 2 * frozenMs(state)) : state.patienceMs;
  return { state: { ...state, patienceMs, remedy: { kind, trouble, atMs: nowMs } }, trouble, remedy: kind };
}

/** The median of the last values; null before there are enough. */
export class RecentMedian {
  readonly #values: number[] = [];
  readonly #size: number;

  constructor(size: number) {
    this.#size = size;
  }

  add(value: number): void {
    this.#values.push(value);
    if (this.#values.length > this.#size) this.#values.shift();
  }

  get value(): number | null {
    if (this.#values.length < this.#size / 2) return null;
    return this.#values.toSorted((a, b) => a - b)[this.#values.length >> 1] ?? null;
  }

  reset(): void {
    this.#values.length = 0;
  }
}
