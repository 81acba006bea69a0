/** Whether this machine keeps up with a ladder. Looked at once a second. Pure. */

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

/** @param isBehind too far for its viewers. @returns the next state, and whether a rung has to go */
export function look(state: GuardState, isBehind: boolean): { state: GuardState; tooMuch: boolean } {
  const looks = state.looks + 1;
  if (looks <= GRACE_LOOKS) return { state: { looks, behind: [] }, tooMuch: false };
  const behind = [...state.behind, isBehind].slice(-WINDOW_LOOKS);
  if (behind.filter(Boolean).length < BEHIND_LOOKS) return { state: { looks, behind }, tooMuch: false };
  return { state: guardAtStart, tooMuch: true };
}
