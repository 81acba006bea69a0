import { expect, test } from 'vitest';
import type { Ingest, PublisherState } from '../../../src-shared/domain/index.ts';
import { clockJumpActivity, codecActivity, publisherActivity } from './publisher-activity.ts';

const failure = { code: 'network.reset', message: 'The server closed the connection.' } as const;
const connecting: PublisherState = { phase: 'connecting', attempt: 1, ingest: 'primary', graceUntilUs: null };
const live = (reconnects: number, ingest: Ingest = 'primary'): PublisherState => ({ phase: 'live', sinceUs: 1, reconnects, ingest });
const waiting = (attempt: number): PublisherState => ({
  phase: 'waiting',
  attempt,
  dueUs: 9,
  failure,
  ingest: 'primary',
  graceUntilUs: null,
});
const failingOver = (attempt: number, ingest: Ingest = 'backup'): PublisherState => ({
  phase: 'failing-over',
  attempt,
  failure,
  ingest,
  graceUntilUs: null,
});

test.each<[string, PublisherState, PublisherState, object | null]>([
  ['the first connection', connecting, live(0), { level: 'info', message: 'Connected.' }],
  ['the first connection, to the backup', failingOver(1), live(0, 'backup'), { level: 'info', message: 'Connected to the backup.' }],
  ['a reconnection', connecting, live(1), { level: 'info', message: 'Connected again. The show goes on.' }],
  ['a failover', failingOver(1), live(1, 'backup'), { level: 'info', message: 'Connected again to the backup. The show goes on.' }],
  ['the return', live(1, 'backup'), live(1), { level: 'info', message: 'Back on the main server, without a break.' }],
  ['a move', live(0), live(0), { level: 'info', message: expect.stringMatching(/as the server asked/) }],
  ['the loss of a connection', live(0), waiting(1), { level: 'warning', failure }],
  ['the loss of one of two', live(0), failingOver(1), { level: 'warning', failure, message: `${failure.message} Trying the backup.` }],
  ['the loss of the other', live(1, 'backup'), failingOver(2, 'primary'), { message: `${failure.message} Trying the main server.` }],
  ['a loss soon after another', live(1), waiting(3), { level: 'warning', failure }],
  ['the first failed attempt', connecting, waiting(1), { level: 'warning', failure }],
  ['a later failed attempt', connecting, waiting(2), null],
  ['a later failed attempt at the first of two', connecting, failingOver(2), null],
  ['giving up', connecting, { phase: 'stopped', failure }, { level: 'error', failure }],
  ['an end in order', { phase: 'stopping' }, { phase: 'stopped', failure: null }, null],
  ['an attempt', waiting(1), connecting, null],
])('%s', (_what, before, after, expected) => {
  const activity = publisherActivity('Twitch', before, after);
  if (expected === null) expect(activity).toBeNull();
  else expect(activity).toMatchObject({ subject: 'Twitch', ...expected });
});

test('a server that does not take the picture is told of with what it gets', () => {
  const failure = { code: 'rtmp.codec', message: 'live.example does not take HEVC: it needs H.264.' } as const;
  expect(codecActivity('Twitch', { failure, codec: 'hevc' })).toEqual({
    level: 'warning',
    subject: 'Twitch',
    failure,
    message: 'live.example does not take HEVC: it needs H.264. It gets that instead; the others and the recording keep theirs.',
    event: { kind: 'codec-fallback', codec: 'hevc', destination: 'Twitch' },
  });
});

test.each([
  ['video', 1_500_000, /picture jumped ahead by 1\.5 s/],
  ['audio', -70_000, /sound jumped back by 0\.1 s/],
] as const)('a jump of the %s clock by %d µs is told', (kind, jumpUs, says) => {
  expect(clockJumpActivity('Twitch', { kind, jumpUs })).toMatchObject({
    level: 'warning',
    subject: 'Twitch',
    message: expect.stringMatching(says),
  });
});
