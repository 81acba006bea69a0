import { expect, test } from 'vitest';
import type { PublisherStatus, SessionState } from '../../../src-shared/domain/index.ts';
import { airState } from './air-state.ts';

const publisher = (destinationId: string, state: object) => ({ destinationId, state }) as PublisherStatus;
const live = { phase: 'live' };
const waiting = { phase: 'waiting' };
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
  ['a first attempt that goes to the backup', onAir(true), [publisher('t', { phase: 'failing-over', attempt: 1 })], 'reconnecting'],
  ['all of them dropped', onAir(true), [publisher('rehearsal', live), publisher('t', waiting)], 'reconnecting'],
])('%s', (_name, session, publishers, expected) => {
  expect(airState(session, publishers)).toBe(expected);
});
