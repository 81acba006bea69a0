/** Which changes of a publisher are worth a line in the activity list, and what it says. Pure. */
import type { PublisherState } from '../../../src-shared/domain/index.ts';
import type { ActivityInput } from '../monitor/activity-log.ts';

export function publisherActivity(name: string, before: PublisherState, after: PublisherState): ActivityInput | null {
  switch (after.phase) {
    case 'live':
      if (before.phase === 'live') return null;
      return { level: 'info', subject: name, message: after.reconnects > 0 ? 'Connected again. The show goes on.' : 'Connected.' };
    case 'waiting':
      // Later attempts with the same reason are counted in the state; a line each would bury the rest.
      if (after.attempt > 1 && before.phase !== 'live') return null;
      return { level: 'warning', subject: name, failure: after.failure, message: after.failure.message };
    case 'stopped':
      return after.failure ? { level: 'error', subject: name, failure: after.failure, message: after.failure.message } : null;
    default:
      return null;
  }
}
