/** A publisher's state as a line of the log. */
import type { Ingest, PublisherState } from '../../../../src-shared/domain/index.ts';

export function stateLine(state: PublisherState): string {
  const to = (ingest: Ingest) => (ingest === 'backup' ? ' to the backup' : '');
  switch (state.phase) {
    case 'connecting':
      return `connecting${to(state.ingest)}, attempt ${state.attempt}`;
    case 'failing-over':
      return `connecting${to(state.ingest)} after ${state.failure.code}: ${state.failure.message}`;
    case 'waiting':
      return `waiting after ${state.failure.code}: ${state.failure.message}`;
    case 'live':
      return `live${to(state.ingest)}`;
    case 'stopped':
      return state.failure ? `stopped by ${state.failure.code}: ${state.failure.message}` : 'stopped';
    default:
      return state.phase;
  }
}
