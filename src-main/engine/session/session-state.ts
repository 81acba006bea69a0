/** The session's states as a pure function. */
import type { SessionState } from '../../../src-shared/domain/index.ts';

export type SessionEvent =
  | { type: 'start' }
  | { type: 'started'; nowUs: number; live: boolean }
  /** the enabled destinations have changed */
  | { type: 'destinations'; live: boolean }
  | { type: 'stop' }
  /** @param finishing something of the show is still being put away, which `finished` follows */
  | { type: 'ended'; finishing: boolean }
  | { type: 'finished' };

/** @returns the same object when the event means nothing in this state */
export function nextSession(state: SessionState, event: SessionEvent): SessionState {
  switch (event.type) {
    case 'start':
      return state.phase === 'idle' ? { phase: 'starting' } : state;
    case 'started':
      return state.phase === 'starting' ? { phase: 'on-air', sinceUs: event.nowUs, live: event.live } : state;
    case 'destinations':
      return state.phase === 'on-air' && state.live !== event.live ? { ...state, live: event.live } : state;
    case 'stop':
      return state.phase === 'on-air' || state.phase === 'starting' ? { phase: 'stopping' } : state;
    case 'ended':
      if (state.phase === 'idle') return state;
      return event.finishing ? { phase: 'idle', finishing: true } : { phase: 'idle' };
    case 'finished':
      return state.phase === 'idle' && state.finishing ? { phase: 'idle' } : state;
    default:
      return event satisfies never;
  }
}
