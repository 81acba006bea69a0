/** What the window says about the show. Red (`live`) only while viewers outside can really see it. */
import { type DestinationView, type PublisherStatus, REHEARSAL_ID, type SessionState } from '../../../src-shared/domain/index.ts';

export type AirState = 'idle' | 'starting' | 'rehearsal' | 'connecting' | 'live' | 'reconnecting' | 'stopping';

export function airState(session: SessionState, publishers: readonly PublisherStatus[]): AirState {
  if (session.phase !== 'on-air') return session.phase;
  if (!session.live) return 'rehearsal';
  const outside = publishers.filter(({ destinationId }) => destinationId !== REHEARSAL_ID);
  if (outside.some(({ state }) => state.phase === 'live')) return 'live';
  return outside.some(
    ({ state }) => state.phase === 'waiting' || state.phase === 'failing-over' || (state.phase === 'connecting' && state.attempt > 1),
  )
    ? 'reconnecting'
    : 'connecting';
}

/** Where the next show would go, beside the rehearsal. */
export function outsideDestinations(destinations: readonly DestinationView[]): readonly DestinationView[] {
  return destinations.filter(({ enabled, kind }) => enabled && kind !== 'rehearsal');
}
