/**
 * A publisher's life as a pure function: no clock, no I/O, no randomness of its own.
 * `next` says what follows an event, `wants` what has to go on outside meanwhile: one attempt at most, a timer, knocks at silent servers.
 */
import type { Ingest, PublisherState } from '../../../src-shared/domain/index.ts';
import type { Failure } from '../../../src-shared/errors.ts';
import { US_PER_MS } from '../../../src-shared/units.ts';
import { backoffMs, soonMs } from './backoff.ts';
import type { Machine, PublisherEvent, StateRules, Successor, Wants } from './machine.ts';

/** A server that sends us away again and again is followed so often, then no more. */
const MOVES_MAX = 5;
/** So long a refused key is tried again after the first answer that follows an outage: the server may not have noticed yet that we were gone. */
const ANSWER_GRACE_MS = 30_000;
/** Two ingests that both let go at once are tried in turn without a pause so often. */
const FLIPS_MAX = 2;
const SILENT = new Set<Failure['code']>(['rtmp.stalled', 'network.timeout', 'network.unreachable', 'network.dns']);
const FINAL = new Set<Failure['code']>(['rtmp.bad-url', 'rtmp.no-key']);

/** An event that means nothing in a state gives the same machine back. */
export function next(machine: Machine, event: PublisherEvent, rules: StateRules): Machine {
  const { state } = machine;
  switch (state.phase) {
    case 'idle':
      if (event.type === 'start') return connect(machine, 'primary', rules);
      return event.type === 'stop' ? stopped(machine, null) : machine;
    case 'connecting':
    case 'failing-over':
      if (event.type === 'connected') return isStale(machine, event) ? machine : live(machine, state.ingest, event.nowUs, rules);
      if (event.type === 'failed') return isStale(machine, event) ? machine : attemptFailed(machine, state.ingest, event, rules);
      return event.type === 'stop' ? stopping(machine) : machine;
    case 'live':
      return nextLive(machine, state, event, rules);
    case 'waiting':
      if (event.type === 'due') return connect({ ...machine, found: {} }, 'primary', rules);
      if (event.type === 'retry') return connect({ ...machine, failures: 0, found: {} }, 'primary', rules); // whoever asks knows of a change
      if (event.type === 'answered' && machine.found[event.ingest] === 'silent') return answered(machine, state, event, rules);
      return event.type === 'stop' ? stopped(machine, null) : machine;
    case 'stopping':
      return event.type === 'closed' ? stopped(machine, null) : machine;
    case 'stopped':
      return machine;
    default:
      return state satisfies never;
  }
}

export function wants(machine: Machine): Wants {
  const { state, successor, found, attemptId, redirectUrl } = machine;
  switch (state.phase) {
    case 'connecting':
    case 'failing-over':
      return { attempt: { id: attemptId, ingest: state.ingest, redirectUrl }, dueUs: null, knock: [] };
    case 'live':
      if (successor?.trying)
        return { attempt: { id: attemptId, ingest: successor.ingest, redirectUrl: successor.redirectUrl }, dueUs: null, knock: [] };
      return { attempt: null, dueUs: successor?.dueUs ?? null, knock: state.ingest === 'backup' && !successor ? ['primary'] : [] };
    case 'waiting': {
      const knock = (['primary', 'backup'] as const).filter((ingest) => found[ingest] === 'silent');
      const isRefused = found.primary === 'refused' || found.backup === 'refused';
      return { attempt: null, dueUs: isRefused ? state.dueUs : null, knock };
    }
    default:
      return { attempt: null, dueUs: null, knock: [] };
  }
}

type Live = PublisherState & { phase: 'live' };
type Setback = PublisherEvent & { type: 'failed' | 'lost' };
type Answered = PublisherEvent & { type: 'answered' };
type FellBack = PublisherEvent & { type: 'fell-back' };

function nextLive(machine: Machine, state: Live, event: PublisherEvent, rules: StateRules): Machine {
  const { successor } = machine;
  switch (event.type) {
    case 'stop':
      return stopping(machine);
    case 'lost':
      return lost(machine, state, event, rules);
    case 'connected':
      return successor?.trying && !isStale(machine, event) ? live(machine, successor.ingest, event.nowUs, rules) : machine;
    case 'failed':
      return successor?.trying && !isStale(machine, event) ? succeedLater(machine, successor, state, event, rules) : machine;
    case 'went-over':
      return machine.previous ? { ...machine, previous: null } : machine;
    case 'fell-back':
      return fellBack(machine, event, rules);
    case 'moved': {
      if (successor?.redirectUrl === event.url && successor.ingest === state.ingest) return machine;
      const isYoung = event.nowUs - state.sinceUs < rules.stableMs * US_PER_MS;
      const waitMs = isYoung ? backoffMs(machine.failures + 1, event.jitter, rules) : 0;
      const moved = { ingest: state.ingest, redirectUrl: event.url, failures: 0, trying: false, dueUs: event.nowUs + us(waitMs) };
      return isYoung ? { ...machine, successor: moved } : succeed(machine, moved);
    }
    case 'answered': {
      const isReturn = state.ingest === 'backup' && event.ingest === 'primary' && !successor && event.nowUs >= machine.returns.dueUs;
      if (!isReturn) return machine;
      return succeed(machine, { ingest: 'primary', redirectUrl: null, failures: 0, trying: false, dueUs: event.nowUs });
    }
    case 'due':
    case 'retry':
      return successor && !successor.trying ? succeed(machine, successor) : machine;
    default:
      return machine;
  }
}

/** The attempt at a successor begins; the live connection knows nothing of it. */
function succeed(machine: Machine, successor: Successor): Machine {
  return { ...machine, attemptId: machine.attemptId + 1, successor: { ...successor, trying: true } };
}

/** As if the attempt at the successor had failed, unless another is under way already. */
function fellBack(machine: Machine, event: FellBack, rules: StateRules): Machine {
  const { previous, successor, attemptId } = machine;
  if (previous?.state.phase !== 'live' || !previous.successor) return machine;
  if (successor) return { ...previous, attemptId, successor };
  return succeedLater({ ...previous, attemptId }, previous.successor, previous.state, event, rules);
}

function succeedLater(
  machine: Machine,
  successor: Successor,
  state: Live,
  event: (PublisherEvent & { type: 'failed' }) | FellBack,
  rules: StateRules,
) {
  const failures = successor.failures + 1;
  if (successor.ingest !== state.ingest)
    return { ...machine, successor: null, returns: laterReturn(machine, event.nowUs, event.jitter, rules) };
  if (failures >= MOVES_MAX || FINAL.has(event.failure.code)) return { ...machine, successor: null };
  const dueUs = event.nowUs + us(backoffMs(failures, event.jitter, rules));
  return { ...machine, successor: { ...successor, failures, trying: false, dueUs } };
}

function laterReturn({ returns }: Machine, nowUs: number, jitter: number, rules: StateRules): Machine['returns'] {
  const failures = returns.failures + 1;
  return { failures, dueUs: nowUs + us(backoffMs(failures, jitter, rules)) };
}

/** A server that has just taken us and then read nothing answers each knock: it is one that answers and refuses. */
function answered(before: Machine, state: PublisherState & { phase: 'waiting' }, { nowUs, ingest }: Answered, rules: StateRules): Machine {
  const machine = heard(before, nowUs);
  if (nowUs >= machine.restUntilUs) return connect(machine, ingest, rules);
  return { ...machine, found: { ...machine.found, [ingest]: 'refused' }, state: { ...state, dueUs: machine.restUntilUs } };
}

function heard(machine: Machine, nowUs: number): Machine {
  return machine.lostUs === null || machine.answeredUs !== null ? machine : { ...machine, answeredUs: nowUs };
}

function live(before: Machine, ingest: Ingest, nowUs: number, rules: StateRules): Machine {
  const old = before.state;
  const isHandover = old.phase === 'live';
  const reconnects = before.reconnects + (before.lostUs === null || isHandover ? 0 : 1);
  const machine = isHandover && hasLasted(old, nowUs, rules) ? graceFrom(before, nowUs) : heard(before, nowUs);
  const returns = ingest === 'backup' ? laterReturn(machine, nowUs, 0.5, rules) : machine.returns;
  const state = { phase: 'live', sinceUs: nowUs, reconnects, ingest } as const;
  const previous = isHandover ? (before.previous ?? before) : null;
  return { ...machine, reconnects, found: {}, redirectUrl: null, successor: null, previous, returns, state };
}

function lost(before: Machine, state: Live, event: PublisherEvent & { type: 'lost' }, rules: StateRules): Machine {
  const { ingest } = state;
  const isStable = hasLasted(state, event.nowUs, rules);
  const { successor } = before;
  const isDrop = isStable || (before.lostUs === null && event.failure.code !== 'rtmp.rejected');
  const machine: Machine = {
    ...(isDrop ? graceFrom(before, event.nowUs) : before),
    failures: isStable ? 0 : before.failures,
    returns: isStable && ingest === 'primary' ? { failures: 0, dueUs: 0 } : before.returns,
    found: { [ingest]: SILENT.has(event.failure.code) ? 'silent' : 'refused' },
    successor: null,
    previous: null,
  };
  // The attempt at a successor goes on, as what there is now; one that was due later is put off no longer.
  if (successor && (successor.trying || isStable)) {
    const attemptId = machine.attemptId + (successor.trying ? 0 : 1);
    const isSame = successor.ingest === ingest;
    const state = isSame ? connecting(machine, ingest, rules) : failingOver(machine, successor.ingest, event.failure, rules);
    return { ...machine, attemptId, redirectUrl: successor.redirectUrl, state };
  }
  if (isFinal(machine, event.failure, event.nowUs, rules)) return stopped(machine, event.failure);
  if (!rules.hasBackup) return wait(machine, ingest, event, rules, isStable);
  if (isStable) return failOver(machine, ingest, event.failure, rules);
  if (machine.failures < FLIPS_MAX) return failOver({ ...machine, failures: machine.failures + 1 }, ingest, event.failure, rules);
  return wait({ ...machine, found: { [other(ingest)]: 'refused', ...machine.found } }, ingest, event, rules, isStable);
}

function attemptFailed(before: Machine, ingest: Ingest, event: PublisherEvent & { type: 'failed' }, rules: StateRules): Machine {
  const { failure } = event;
  const machine = event.answered ? heard(before, event.nowUs) : before;
  if (machine.redirectUrl !== null) return connect({ ...machine, redirectUrl: null }, ingest, rules); // where the server sent us nothing is
  if (isFinal(machine, failure, event.nowUs, rules)) return stopped(machine, failure);
  const tried: Machine = { ...machine, found: { ...machine.found, [ingest]: event.answered ? 'refused' : 'silent' } };
  if (rules.hasBackup && tried.found[other(ingest)] === undefined) return failOver(tried, ingest, failure, rules);
  return wait(tried, ingest, event, rules);
}

function connect(machine: Machine, ingest: Ingest, rules: StateRules): Machine {
  return { ...machine, attemptId: machine.attemptId + 1, state: connecting(machine, ingest, rules) };
}

function connecting(machine: Machine, ingest: Ingest, rules: StateRules): PublisherState {
  return { phase: 'connecting', attempt: machine.failures + 1, ingest, graceUntilUs: graceUntilUs(machine, rules) };
}

function failOver(machine: Machine, from: Ingest, failure: Failure, rules: StateRules): Machine {
  return { ...machine, attemptId: machine.attemptId + 1, state: failingOver(machine, other(from), failure, rules) };
}

function failingOver(machine: Machine, ingest: Ingest, failure: Failure, rules: StateRules): PublisherState {
  return { phase: 'failing-over', attempt: machine.failures + 1, failure, ingest, graceUntilUs: graceUntilUs(machine, rules) };
}

/**
 * Where nothing answers the wait is due at once: it ends as soon as a knock is answered.
 * @param hasStood false after a session that ended young
 */
function wait(machine: Machine, ingest: Ingest, event: Setback, rules: StateRules, hasStood = true): Machine {
  const { failure, nowUs, jitter } = event;
  const failures = machine.failures + 1;
  const isRefused = machine.found.primary === 'refused' || machine.found.backup === 'refused';
  const isHeld = event.type === 'failed' && failure.code === 'rtmp.rejected';
  const backUs = nowUs + us(isHeld ? soonMs(jitter, rules) : backoffMs(failures, jitter, rules));
  const restUntilUs = hasStood ? Number.NEGATIVE_INFINITY : backUs;
  const grace = graceUntilUs(machine, rules);
  const dueUs = isRefused ? backUs : nowUs;
  return { ...machine, failures, restUntilUs, state: { phase: 'waiting', attempt: failures, dueUs, failure, ingest, graceUntilUs: grace } };
}

function stopping(machine: Machine): Machine {
  return { ...machine, successor: null, previous: null, state: { phase: 'stopping' } };
}

function stopped(machine: Machine, failure: Failure | null): Machine {
  return { ...machine, successor: null, previous: null, state: { phase: 'stopped', failure } };
}

function hasLasted({ sinceUs }: Live, nowUs: number, rules: StateRules): boolean {
  return nowUs - sinceUs >= us(rules.stableMs);
}

function graceFrom(machine: Machine, nowUs: number): Machine {
  return { ...machine, lostUs: nowUs, answeredUs: null };
}

function graceUntilUs({ lostUs, answeredUs }: Machine, rules: StateRules): number | null {
  if (lostUs === null) return null;
  return Math.max(lostUs + us(rules.graceMs), (answeredUs ?? lostUs) + us(Math.min(rules.graceMs, ANSWER_GRACE_MS)));
}

/** A bad address stays bad, a missing key stays missing, and a refused key will stay refused, unless the server only still holds the session that has just dropped. */
function isFinal(machine: Machine, failure: Failure, nowUs: number, rules: StateRules): boolean {
  if (FINAL.has(failure.code)) return true;
  return failure.code === 'rtmp.rejected' && nowUs > (graceUntilUs(machine, rules) ?? Number.NEGATIVE_INFINITY);
}

function isStale(machine: Machine, event: { attemptId: number }): boolean {
  return event.attemptId !== machine.attemptId;
}

function other(ingest: Ingest): Ingest {
  return ingest === 'primary' ? 'backup' : 'primary';
}

function us(ms: number): number {
  return Math.round(ms * US_PER_MS);
}
