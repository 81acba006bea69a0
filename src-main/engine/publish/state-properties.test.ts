import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Ingest } from '../../../src-shared/domain/index.ts';
import { ALONE, PAIR, protocol, rejected, reset, S, stalled, unreachable } from '../../../tests/support/publisher-life.ts';
import { INITIAL, type Machine, type PublisherEvent, type StateRules } from './machine.ts';
import { next, wants } from './state.ts';

const atUs = fc.nat(1_000 * S);
const jitter = fc.double({ min: 0, max: 1, noNaN: true });
const failure = fc.constantFrom(protocol, reset, stalled, unreachable, rejected);
/** an attempt's outcome may be that of an older one */
const age = fc.constantFrom(0, 0, 0, 1);
type Made = (machine: Machine) => PublisherEvent;
const anyEvent: fc.Arbitrary<Made> = fc.oneof(
  fc
    .constantFrom<PublisherEvent>({ type: 'start' }, { type: 'retry' }, { type: 'due' }, { type: 'closed' }, { type: 'went-over' })
    .map((event) => () => event),
  fc.tuple(atUs, age).map(
    ([nowUs, n]): Made =>
      ({ attemptId }) => ({ type: 'connected', attemptId: attemptId - n, nowUs }),
  ),
  fc.record({ nowUs: atUs, failure, answered: fc.boolean(), jitter, n: age }).map(
    ({ n, ...rest }): Made =>
      ({ attemptId }) => ({ type: 'failed', attemptId: attemptId - n, ...rest }),
  ),
  fc.record({ type: fc.constantFrom('lost' as const, 'fell-back' as const), nowUs: atUs, failure, jitter }).map((event) => () => event),
  fc
    .record({ type: fc.constant('moved' as const), nowUs: atUs, url: fc.constantFrom(null, 'rtmp://b/live'), jitter })
    .map((event) => () => event),
  fc
    .record({ type: fc.constant('answered' as const), nowUs: atUs, ingest: fc.constantFrom<Ingest>('primary', 'backup') })
    .map((event) => () => event),
);
const anyLife = fc.record({ rules: fc.constantFrom(ALONE, PAIR), events: fc.array(anyEvent, { maxLength: 60 }) });
const through = (machine: Machine, events: Made[], rules: StateRules) => events.reduce((m, make) => next(m, make(m), rules), machine);

describe('properties', () => {
  test('any event in any state: stop always ends, and nothing follows the end', () => {
    fc.assert(
      fc.property(anyLife, fc.array(anyEvent), ({ rules, events }, afterwards) => {
        const stopping = next(through(INITIAL, events, rules), { type: 'stop' }, rules);
        expect(wants(stopping)).toEqual({ attempt: null, dueUs: null, knock: [] });
        const ended = next(stopping, { type: 'closed' }, rules);
        expect(ended.state.phase).toBe('stopped');
        expect(through(ended, afterwards, rules)).toBe(ended);
      }),
    );
  });

  test('no livelock: what is neither live nor over has an attempt, a timer or a knock before it', () => {
    fc.assert(
      fc.property(anyLife, ({ rules, events }) => {
        let machine = next(INITIAL, { type: 'start' }, rules);
        for (const make of events) {
          machine = next(machine, make(machine), rules);
          const { attempt, dueUs, knock } = wants(machine);
          if (['connecting', 'failing-over', 'waiting'].includes(machine.state.phase))
            expect(attempt !== null || dueUs !== null || knock.length > 0).toBe(true);
          if (attempt) expect([dueUs, knock]).toEqual([null, []]);
        }
      }),
    );
  });

  test('one attempt at a time: another begins only under a new number, and the old one can do nothing any more', () => {
    fc.assert(
      fc.property(anyLife, ({ rules, events }) => {
        let machine = INITIAL;
        for (const make of events) {
          const before = wants(machine).attempt;
          machine = next(machine, make(machine), rules);
          const { attempt } = wants(machine);
          if (attempt && before && attempt.id === before.id) expect(attempt).toEqual(before);
          if (attempt && !before) expect(attempt.id).toBe(machine.attemptId);
          if (!before || before.id === attempt?.id) continue;
          const stale: PublisherEvent = { type: 'connected', attemptId: before.id, nowUs: 0 };
          expect(next(machine, stale, rules)).toBe(machine);
        }
      }),
    );
  });

  test('without a backup nothing is ever tried at one', () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 60 }), (events) => {
        let machine = INITIAL;
        for (const make of events) {
          machine = next(machine, make(machine), ALONE);
          expect(wants(machine).attempt?.ingest).not.toBe('backup');
        }
      }),
    );
  });

  /** Every second something happens that the machine asked for: a knock and an attempt succeed while their server is up. */
  test('whatever went on before, a show is live within 32 s of its servers being up', () => {
    const world = fc.array(
      fc.record({
        primary: fc.constantFrom('up', 'silent', 'refuses'),
        backup: fc.constantFrom('up', 'silent', 'refuses'),
        drops: fc.boolean(),
      }),
      { maxLength: 120 },
    );
    fc.assert(
      fc.property(fc.constantFrom(ALONE, PAIR), world, (rules, seconds) => {
        let machine = next(INITIAL, { type: 'start' }, rules);
        const fate = (second: number) => seconds[second] ?? { primary: 'up', backup: 'up', drops: false };
        for (let second = 0; second <= seconds.length + 32; second += 1) {
          const now = fate(second);
          const nowUs = second * S;
          const { attempt, dueUs, knock } = wants(machine);
          if (machine.state.phase === 'live' && now.drops)
            machine = next(machine, { type: 'lost', nowUs, failure: stalled, jitter: 1 }, rules);
          else if (attempt) {
            const { id: attemptId } = attempt;
            const answered = now[attempt.ingest] !== 'silent';
            if (now[attempt.ingest] === 'up') machine = next(machine, { type: 'connected', attemptId, nowUs }, rules);
            else machine = next(machine, { type: 'failed', attemptId, nowUs, failure: protocol, answered, jitter: 1 }, rules);
          } else if (dueUs !== null && nowUs >= dueUs) machine = next(machine, { type: 'due' }, rules);
          else
            for (const ingest of knock) if (now[ingest] !== 'silent') machine = next(machine, { type: 'answered', nowUs, ingest }, rules);
        }
        expect(machine.state.phase).toBe('live');
      }),
    );
  });
});
