/** A publisher's life as a pure function: no clock, no I/O, no randomness of its own. */
import type { PublisherState } from '../../../src-shared/domain/index.ts';
import type { Failure } from '../../../src-shared/errors.ts';
import { US_PER_MS } from '../../../src-shared/units.ts';
import type { PublisherTuning } from './tuning.ts';

export interface Machine {
  state: PublisherState;
  /** failed attempts and short sessions in a row */
  failures: number;
  reconnects: number;
  /** when the last live session was lost; null before the first one */
  lostUs: number | null;
}

export type PublisherEvent =
  | { type: 'start' }
  | { type: 'connected'; nowUs: number }
  /** the attempt failed, or the live connection was lost. `jitter`: 0 to 1 */
  | { type: 'failed'; nowUs: number; failure: Failure; jitter: number }
  /** the wait is over, or the user (or the system) ends it */
  | { type: 'retry' }
  | { type: 'stop' }
  /** everything is closed */
  | { type: 'closed' };

export type StateRules = Pick<PublisherTuning, 'backoffFirstMs' | 'backoffMaxMs' | 'stableMs' | 'graceMs'>;

export const INITIAL: Machine = { state: { phase: 'idle' }, failures: 0, reconnects: 0, lostUs: null };

/** An event that means nothing in a state gives the same machine back. */
export function next(machine: Machine, event: PublisherEvent, rules: StateRules): Machine {
  const { state } = machine;
  switch (state.phase) {
    case 'idle':
      if (event.type === 'start') return { ...machine, state: { phase: 'connecting', attempt: 1, ingest: 'primary', graceUntilUs: null } };
      return event.type === 'stop' ? stopped(machine, null) : machine;
    case 'connecting':
      if (event.type === 'connected') return live(machine, event.nowUs);
      if (event.type === 'failed') return retreat(machine, event, machine.failures + 1, rules);
      return event.type === 'stop' ? { ...machine, state: { phase: 'stopping' } } : machine;
    case 'live': {
      if (event.type === 'stop') return { ...machine, state: { phase: 'stopping' } };
      if (event.type !== 'failed') return machine;
      const lasted = event.nowUs - state.sinceUs >= rules.stableMs * US_PER_MS;
      return retreat({ ...machine, lostUs: event.nowUs }, event, lasted ? 1 : machine.failures + 1, rules);
    }
    case 'waiting':
      if (event.type === 'retry')
        return {
          ...machine,
          state: { phase: 'connecting', attempt: machine.failures + 1, ingest: 'primary', graceUntilUs: graceUntilUs(machine, rules) },
        };
      return event.type === 'stop' ? stopped(machine, null) : machine;
    case 'stopping':
      return event.type === 'closed' || event.type === 'failed' ? stopped(machine, null) : machine;
    case 'stopped':
    case 'failing-over':
      return machine;
    default:
      return state satisfies never;
  }
}

function live(machine: Machine, nowUs: number): Machine {
  const reconnects = machine.reconnects + (machine.lostUs === null ? 0 : 1);
  return { ...machine, reconnects, state: { phase: 'live', sinceUs: nowUs, reconnects, ingest: 'primary' } };
}

function stopped(machine: Machine, failure: Failure | null): Machine {
  return { ...machine, state: { phase: 'stopped', failure } };
}

function retreat(machine: Machine, event: PublisherEvent & { type: 'failed' }, failures: number, rules: StateRules): Machine {
  const { failure, nowUs, jitter } = event;
  if (isFinal(machine, failure, nowUs, rules)) return stopped({ ...machine, failures }, failure);
  const dueUs = nowUs + Math.round(backoffMs(failures, jitter, rules) * US_PER_MS);
  return {
    ...machine,
    failures,
    state: { phase: 'waiting', attempt: failures, dueUs, failure, ingest: 'primary', graceUntilUs: graceUntilUs(machine, rules) },
  };
}

function graceUntilUs({ lostUs }: Machine, rules: StateRules): number | null {
  return lostUs === null ? null : lostUs + rules.graceMs * US_PER_MS;
}

/** A bad address stays bad, a missing key stays missing, and a refused key will stay refused, unless the server only still holds the session that has just dropped. */
function isFinal({ lostUs }: Machine, failure: Failure, nowUs: number, rules: StateRules): boolean {
  if (failure.code === 'rtmp.bad-url' || failure.code === 'rtmp.no-key') return true;
  if (failure.code !== 'rtmp.rejected') return false;
  return lostUs === null || nowUs - lostUs > rules.graceMs * US_PER_MS;
}

/** First, ×2, ×4 … to the limit; a fifth more or less, so that a thousand studios do not come back in step. */
export function backoffMs(failures: number, jitter: number, rules: Pick<StateRules, 'backoffFirstMs' | 'backoffMaxMs'>): number {
  const plainMs = Math.min(rules.backoffMaxMs, rules.backoffFirstMs * 2 ** Math.min(failures - 1, 30));
  return Math.min(rules.backoffMaxMs, plainMs * (0.8 + 0.4 * jitter));
}
