import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { SessionState } from '../../../src-shared/domain/index.ts';
import { nextSession, type SessionEvent } from './session-state.ts';

const idle = { phase: 'idle' } as SessionState;
const finishing = { phase: 'idle', finishing: true } as SessionState;
const onAir = { phase: 'on-air', sinceUs: 7, live: true } as SessionState;

test('a show starts, changes its destinations, ends and is put away', () => {
  const events: SessionEvent[] = [
    { type: 'start' },
    { type: 'started', nowUs: 7, live: false },
    { type: 'destinations', live: true },
    { type: 'stop' },
    { type: 'ended', finishing: true },
    { type: 'finished' },
  ];
  let state = idle;
  const phases = events.map((event) => (state = nextSession(state, event)));
  expect(phases).toEqual([
    { phase: 'starting' },
    { phase: 'on-air', sinceUs: 7, live: false },
    onAir,
    { phase: 'stopping' },
    finishing,
    idle,
  ]);
});

test.each<[SessionState, SessionEvent]>([
  [onAir, { type: 'start' }],
  [idle, { type: 'stop' }],
  [idle, { type: 'started', nowUs: 1, live: true }],
  [{ phase: 'stopping' }, { type: 'started', nowUs: 1, live: true }],
  [{ phase: 'stopping' }, { type: 'stop' }],
  [onAir, { type: 'destinations', live: true }],
  [{ phase: 'starting' }, { type: 'finished' }],
  [finishing, { type: 'ended', finishing: false }],
])('in %j the event %j changes nothing', (state, event) => {
  expect(nextSession(state, event)).toBe(state);
});

const anyEvent: fc.Arbitrary<SessionEvent> = fc.oneof(
  fc.constantFrom<SessionEvent>({ type: 'start' }, { type: 'stop' }, { type: 'finished' }),
  fc.record({ type: fc.constant('ended' as const), finishing: fc.boolean() }),
  fc.record({ type: fc.constant('started' as const), nowUs: fc.nat(), live: fc.boolean() }),
  fc.record({ type: fc.constant('destinations' as const), live: fc.boolean() }),
);

test('property: on air only after a start, and an end always leads back to idle', () => {
  fc.assert(
    fc.property(fc.array(anyEvent), (events) => {
      let state = idle;
      for (const event of events) {
        const before = state;
        state = nextSession(state, event);
        if (state.phase === 'on-air' && before.phase !== 'on-air') expect(before.phase).toBe('starting');
        if (state.phase === 'on-air' && before.phase === 'on-air') expect(state.sinceUs).toBe(before.sinceUs);
      }
      expect(nextSession(nextSession(state, { type: 'ended', finishing: false }), { type: 'finished' })).toEqual(idle);
    }),
  );
});
