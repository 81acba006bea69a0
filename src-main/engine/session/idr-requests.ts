/**
 * Many may ask for an IDR at once: each destination after it connects, the live server for a viewer, the recorder.
 * One IDR serves all who asked before it, and IDRs are dear, so requests are joined. Pure; times in microseconds.
 */

/** Two IDRs closer than this would starve the pictures between them of bits. */
export const IDR_SPACING_US = 250_000;
/** After this without an IDR, a request is taken as lost (the encoder was replaced) and may be made again. */
export const IDR_LOST_US = 1_000_000;

export interface IdrRequests {
  /** when the encoder was last asked and has not answered yet; null: nothing is under way */
  askedAtUs: number | null;
  /** when the last IDR came */
  lastIdrUs: number;
  /** someone asked after the request that is under way or too soon after the last IDR */
  waiting: boolean;
}

export const noIdrRequests: IdrRequests = { askedAtUs: null, lastIdrUs: Number.NEGATIVE_INFINITY, waiting: false };

export type IdrEvent = { type: 'wanted' | 'idr' | 'timer'; nowUs: number };

/** @returns the next state; whether to ask the encoder now; when to send a `timer` event, or null */
export function nextIdr(state: IdrRequests, event: IdrEvent): { state: IdrRequests; ask: boolean; wakeAtUs: number | null } {
  const { nowUs } = event;
  if (event.type === 'idr') return decide({ askedAtUs: null, lastIdrUs: nowUs, waiting: false }, nowUs);
  return decide(event.type === 'wanted' ? { ...state, waiting: true } : state, nowUs);
}

function decide(state: IdrRequests, nowUs: number): ReturnType<typeof nextIdr> {
  if (!state.waiting) return { state, ask: false, wakeAtUs: null };
  if (state.askedAtUs !== null && nowUs - state.askedAtUs < IDR_LOST_US) {
    return { state, ask: false, wakeAtUs: state.askedAtUs + IDR_LOST_US };
  }
  const dueUs = state.lastIdrUs + IDR_SPACING_US;
  if (nowUs < dueUs) return { state, ask: false, wakeAtUs: dueUs };
  return { state: { ...state, askedAtUs: nowUs, waiting: false }, ask: true, wakeAtUs: null };
}
