/** Which changes of a publisher are worth a line in the activity list, and what it says. Pure. */
import type { ActivityEvent, Ingest, PublisherState } from '../../../src-shared/domain/index.ts';
import type { Failure } from '../../../src-shared/errors.ts';
import type { ActivityInput } from '../monitor/activity-log.ts';
import type { ClockJump, CodecRefusal } from '../publish/publisher.ts';

export function publisherActivity(name: string, before: PublisherState, after: PublisherState): ActivityInput | null {
  switch (after.phase) {
    case 'live':
      return { level: 'info', subject: name, message: liveMessage(before, after), event: liveEvent(before, after) };
    case 'failing-over':
      if (after.attempt > 1 && before.phase !== 'live') return null;
      return {
        level: 'warning',
        subject: name,
        failure: after.failure,
        message: `${after.failure.message} Trying ${nameOf(after.ingest)}.`,
      };
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

/** Sound and picture that came with impossible times; what was sent has none. */
export function clockJumpActivity(name: string, { kind, jumpUs }: ClockJump): ActivityInput {
  const seconds = (Math.abs(jumpUs) / 1e6).toFixed(1);
  const what = kind === 'video' ? 'picture' : 'sound';
  return {
    level: 'warning',
    subject: name,
    message: `The clock of the ${what} jumped ${jumpUs > 0 ? 'ahead' : 'back'} by ${seconds} s. The stream's times go on without a jump.`,
  };
}

/** The server does not take the show's picture. */
export function codecActivity(name: string, { failure, codec }: Pick<CodecRefusal, 'failure' | 'codec'>): ActivityInput {
  const message = `${failure.message} It gets that instead; the others and the recording keep theirs.`;
  return { level: 'warning', subject: name, failure, message, event: { kind: 'codec-fallback', codec, destination: name } };
}

/** The server does not take a track besides the first picture and sound. */
export function tracksActivity(name: string, failure: Failure): ActivityInput {
  return { level: 'warning', subject: name, failure, message: failure.message, event: { kind: 'tracks-left-out' } };
}

/** The further pictures give way to the first one, or are back. */
export function pausedActivity(name: string, paused: boolean): ActivityInput {
  const message = paused
    ? 'The network takes too little for all pictures: the further ones are left out, so that the first is better.'
    : 'The network takes all pictures again: the further ones are back.';
  return { level: paused ? 'warning' : 'info', subject: name, failure: null, message, event: { kind: 'tracks-paused', paused } };
}

function liveEvent(before: PublisherState, { ingest, reconnects }: PublisherState & { phase: 'live' }): ActivityEvent {
  const how = before.phase !== 'live' ? (reconnects > 0 ? 'again' : 'first') : before.ingest === ingest ? 'moved' : 'back';
  return { kind: 'connected', how, ingest };
}

function liveMessage(before: PublisherState, { ingest, reconnects }: PublisherState & { phase: 'live' }): string {
  if (before.phase !== 'live') {
    const to = ingest === 'backup' ? ' to the backup' : '';
    return reconnects > 0 ? `Connected again${to}. The show goes on.` : `Connected${to}.`;
  }
  if (before.ingest === ingest) return 'Moved to a new connection without a break, as the server asked.';
  return `Back on ${nameOf(ingest)}, without a break.`;
}

function nameOf(ingest: Ingest): string {
  return ingest === 'backup' ? 'the backup' : 'the main server';
}
