/** Whether this machine keeps up with a ladder. Looked at once a second. Pure. */

/** who is so far behind the source cannot be watched well; the queue in front of the ladder drops to an IDR at 3 s */
const BEHIND_MS = 1_000;
/** a rung that begins works through the GOP so far */
const GRACE_LOOKS = 5;
const WINDOW_LOOKS = 10;
const BEHIND_LOOKS = 4;

export interface GuardState {
  /** looks since the rungs changed */
  looks: number;
  /** of the last ten looks, whether it was behind */
  behind: readonly boolean[];
}

export const guardAtStart: GuardState = { looks: 0, behind: [] };

/** @returns the next state, and whether a rung has to go */
export function look(state: GuardState, behindMs: number): { state: GuardState; tooMuch: boolean } {
  const looks = state.looks + 1;
  if (looks <= GRACE_LOOKS) return { state: { looks, behind: [] }, tooMuch: false };
  const behind = [...state.behind, behindMs > BEHIND_MS].slice(-WINDOW_LOOKS);
  if (behind.filter(Boolean).length < BEHIND_LOOKS) return { state: { looks, behind }, tooMuch: false };
  return { state: guardAtStart, tooMuch: true };
}
