import { expect, test } from 'vitest';
import type { PublisherState } from '../../../src-shared/domain/index.ts';
import { publisherActivity } from './publisher-activity.ts';

const failure = { code: 'network.reset', message: 'The server closed the connection.' } as const;
const connecting: PublisherState = { phase: 'connecting', attempt: 1, ingest: 'primary', graceUntilUs: null };
const live = (reconnects: number): PublisherState => ({ phase: 'live', sinceUs: 1, reconnects, ingest: 'primary' });
const waiting = (attempt: number): PublisherState => ({
  phase: 'waiting',
  attempt,
  dueUs: 9,
  failure,
  ingest: 'primary',
  graceUntilUs: null,
});

test.each<[string, PublisherState, PublisherState, object | null]>([
  ['the first connection', connecting, live(0), { level: 'info', message: 'Connected.' }],
  ['a reconnection', connecting, live(1), { level: 'info', message: 'Connected again. The show goes on.' }],
  ['the loss of a connection', live(0), waiting(1), { level: 'warning', failure }],
  ['a loss soon after another', live(1), waiting(3), { level: 'warning', failure }],
  ['the first failed attempt', connecting, waiting(1), { level: 'warning', failure }],
  ['a later failed attempt', connecting, waiting(2), null],
  ['giving up', connecting, { phase: 'stopped', failure }, { level: 'error', failure }],
  ['an end in order', { phase: 'stopping' }, { phase: 'stopped', failure: null }, null],
  ['an attempt', waiting(1), connecting, null],
])('%s', (_what, before, after, expected) => {
  const activity = publisherActivity('Twitch', before, after);
  if (expected === null) expect(activity).toBeNull();
  else expect(activity).toMatchObject({ subject: 'Twitch', ...expected });
});
