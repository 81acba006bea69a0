/** The one sentence about the show: the worst thing that is true now. */
import type { DestinationId, PublisherStatus, StudioStats } from '../../../src-shared/domain/index.ts';
import type { Failure } from '../../../src-shared/errors.ts';
import { outgoing, worstCongestion } from '../health/figures.ts';

export interface Status {
  level: 'calm' | 'warning' | 'error';
  key:
    | 'ready'
    | 'starting'
    | 'rehearsing'
    | 'live'
    | 'lowered'
    | 'connecting'
    | 'reconnecting'
    | 'dropping'
    | 'slow'
    | 'stopping'
    | 'finishing'
    | 'recording'
    | 'failed';
  /** said instead of the key's sentence, where there is one */
  failure: Failure | null;
  /** whom the failure concerns, where it is a destination */
  destinationId: DestinationId | null;
  /** what the slowest way takes, where that is what the sentence is about */
  kbps: number | null;
}

/** Media waiting to be sent beyond this is a congested uplink. */
const CONGESTED_MS = 1_000;
/** A rate that much below its ceiling is a lowered one. */
const LOWERED = 0.9;

export function statusOf({ session, recorder, publishers }: StudioStats): Status {
  if (recorder.phase === 'idle' && recorder.failure) return failed(recorder.failure, null);
  if (session.phase === 'starting' || session.phase === 'stopping') return calm(session.phase);
  if (session.phase === 'idle') return calm(recorder.phase === 'recording' ? 'recording' : session.finishing ? 'finishing' : 'ready');
  const stopped = publishers.find(({ state }) => state.phase === 'stopped' && state.failure);
  if (stopped?.state.phase === 'stopped' && stopped.state.failure) return failed(stopped.state.failure, stopped.destinationId);
  if (publishers.some(({ state }) => state.phase === 'waiting' || state.phase === 'failing-over')) return warning('reconnecting');
  if (publishers.some(({ state }) => state.phase === 'connecting')) return calm('connecting');
  if (worstCongestion(publishers) >= 1) return warning('dropping');
  if (publishers.some(({ stats }) => stats.queueMs > CONGESTED_MS)) return warning('slow');
  const lowered = outgoing(publishers).filter(isLowered);
  if (lowered.length > 0) return { ...calm('lowered'), kbps: Math.min(...lowered.map(({ rate }) => rate.targetKbps)) };
  return calm(session.live ? 'live' : 'rehearsing');
}

function isLowered({ state, rate }: PublisherStatus): boolean {
  return state.phase === 'live' && rate.reason !== 'fixed' && rate.reason !== 'ceiling' && rate.targetKbps < rate.ceilingKbps * LOWERED;
}

function calm(key: Status['key']): Status {
  return { level: 'calm', key, failure: null, destinationId: null, kbps: null };
}

function warning(key: Status['key']): Status {
  return { ...calm(key), level: 'warning' };
}

function failed(failure: Failure, destinationId: DestinationId | null): Status {
  return { ...calm('failed'), level: 'error', failure, destinationId };
}
