/** The one sentence about the show: the worst thing that is true now. */
import type { DestinationId, StudioStats } from '../../../src-shared/domain/index.ts';
import type { Failure } from '../../../src-shared/errors.ts';

export interface Status {
  level: 'calm' | 'warning' | 'error';
  key: 'ready' | 'starting' | 'rehearsing' | 'live' | 'connecting' | 'reconnecting' | 'slow' | 'stopping' | 'recording' | 'failed';
  /** said instead of the key's sentence, where there is one */
  failure: Failure | null;
  /** whom the failure concerns, where it is a destination */
  destinationId: DestinationId | null;
}

/** Media waiting to be sent beyond this is a congested uplink. */
const CONGESTED_MS = 1_000;

export function statusOf({ session, recorder, publishers }: StudioStats): Status {
  if (recorder.phase === 'idle' && recorder.failure)
    return { level: 'error', key: 'failed', failure: recorder.failure, destinationId: null };
  if (session.phase === 'starting' || session.phase === 'stopping') return calm(session.phase);
  if (session.phase === 'idle') return calm(recorder.phase === 'recording' ? 'recording' : 'ready');
  const stopped = publishers.find(({ state }) => state.phase === 'stopped' && state.failure);
  if (stopped?.state.phase === 'stopped')
    return { level: 'error', key: 'failed', failure: stopped.state.failure, destinationId: stopped.destinationId };
  if (publishers.some(({ state }) => state.phase === 'waiting'))
    return { level: 'warning', key: 'reconnecting', failure: null, destinationId: null };
  if (publishers.some(({ state }) => state.phase === 'connecting')) return calm('connecting');
  if (publishers.some(({ stats }) => stats.queueMs > CONGESTED_MS))
    return { level: 'warning', key: 'slow', failure: null, destinationId: null };
  return calm(session.live ? 'live' : 'rehearsing');
}

function calm(key: Status['key']): Status {
  return { level: 'calm', key, failure: null, destinationId: null };
}
