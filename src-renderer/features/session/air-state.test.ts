import { expect, test } from 'vitest';
import { PublisherStatus, type SessionState } from '../../../src-shared/domain/index.ts';
import { airState } from './air-state.ts';

const stats = { bitrateKbps: 0, queueMs: 0, queueBytes: 0, framesSent: 0, framesDropped: 0, bytesSent: 0 };
const publisher = (destinationId: string, state: object) => PublisherStatus.parse({ destinationId, state, stats });
const live = { phase: 'live', sinceUs: 0, reconnects: 0 };
const waiting = { phase: 'waiting', attempt: 2, dueUs: 0, failure: { code: 'network.reset', message: '' } };
const onAir = (outside: boolean): SessionState => ({ phase: 'on-air', sinceUs: 0, live: outside });

test.each([
  ['idle', { phase: 'idle' } as SessionState, [], 'idle'],
  ['a rehearsal is never red', onAir(false), [publisher('rehearsal', live)], 'rehearsal'],
  [
    'the rehearsal alone does not make it live',
    onAir(true),
    [publisher('rehearsal', live), publisher('t', { phase: 'connecting', attempt: 1 })],
    'connecting',
  ],
  ['one viewer-facing server is enough', onAir(true), [publisher('t', live), publisher('y', waiting)], 'live'],
  ['all of them dropped', onAir(true), [publisher('rehearsal', live), publisher('t', waiting)], 'reconnecting'],
])('%s', (_name, session, publishers, expected) => {
  expect(airState(session, publishers)).toBe(expected);
});
