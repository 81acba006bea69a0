import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { PublisherState } from '../../../src-shared/domain/index.ts';
import { StudioError } from '../../../src-shared/errors.ts';
import { Lifecycle, type Where } from './lifecycle.ts';
import { DEFAULT_TUNING } from './tuning.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

interface Attempt {
  where: Where;
  signal: AbortSignal;
  open: boolean;
  succeed: () => void;
  fail: (answered: boolean) => void;
}

/** A world in which attempts end when the test says so. */
function world(hasBackup = false, mistakes: { onConnected?: () => void; onChange?: () => void } = {}) {
  const attempts: Attempt[] = [];
  const states: PublisherState[] = [];
  const connected: Where[] = [];
  const told: unknown[] = [];
  let unwanted = 0;
  const connect = (where: Where, { signal, onAnswered }: { signal: AbortSignal; onAnswered: () => void }) =>
    new Promise<Where>((resolve, reject) => {
      const end = (settle: () => void) => () => {
        attempt.open = false;
        settle();
      };
      const attempt: Attempt = {
        where,
        signal,
        open: true,
        succeed: end(() => resolve(where)),
        fail: (answered) => {
          if (answered) onAnswered();
          end(() => reject(new StudioError('rtmp.protocol', 'no')))();
        },
      };
      attempts.push(attempt);
    });
  const lifecycle = new Lifecycle<Where>({
    rules: () => ({ ...DEFAULT_TUNING, hasBackup }),
    tuning: { ...DEFAULT_TUNING, random: () => 0.5 },
    clock: { epochNs: 0n, nowUs: () => performance.now() * 1_000 },
    doors: { primary: null, backup: null },
    connect,
    onConnected: (connection) => {
      mistakes.onConnected?.();
      connected.push(connection);
    },
    onUnwanted: () => void (unwanted += 1),
    onChange: (state) => {
      states.push(state);
      mistakes.onChange?.();
    },
    onMistake: (error) => told.push(error),
  });
  const wanted = () => attempts.filter(({ open, signal }) => open && !signal.aborted);
  return { lifecycle, attempts, wanted, states, connected, told, unwanted: () => unwanted };
}

test('a refused attempt is followed by another after the back-off, a silent one by none of its own', async () => {
  const { lifecycle, attempts, wanted } = world();
  lifecycle.start();
  attempts[0]?.fail(true);
  await vi.advanceTimersByTimeAsync(990);
  expect(wanted()).toHaveLength(0);
  await vi.advanceTimersByTimeAsync(20);
  expect(wanted()).toHaveLength(1);
  attempts[1]?.fail(false);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(attempts).toHaveLength(2);
  lifecycle.retry();
  expect(attempts).toHaveLength(3);
});

test('stop aborts an attempt that hangs, in a name, in TCP or anywhere; what comes of it later is not wanted', async () => {
  const { lifecycle, attempts, connected, unwanted } = world();
  lifecycle.start();
  lifecycle.stop();
  expect(attempts[0]?.signal.aborted).toBe(true);
  lifecycle.closed();
  attempts[0]?.succeed();
  await vi.advanceTimersByTimeAsync(0);
  expect(lifecycle.state).toEqual({ phase: 'stopped', failure: null });
  expect([connected.length, unwanted()]).toEqual([0, 1]);
});

test('a move is tried beside the live connection, at the address given', async () => {
  const { lifecycle, attempts, connected } = world();
  lifecycle.start();
  attempts[0]?.succeed();
  await vi.advanceTimersByTimeAsync(60_000);
  lifecycle.moved('rtmp://b/live');
  expect(attempts[1]?.where).toEqual({ ingest: 'primary', redirectUrl: 'rtmp://b/live' });
  expect(lifecycle.state.phase).toBe('live');
  attempts[1]?.succeed();
  await vi.advanceTimersByTimeAsync(0);
  expect(connected).toHaveLength(2);
});

test('property: whatever happens, one attempt at a time; after a stop none, and no timer', async () => {
  const act = fc.constantFrom('succeed', 'refuse', 'silence', 'lose', 'move', 'retry', 'wait', 'late');
  await fc.assert(
    fc.asyncProperty(fc.boolean(), fc.array(act, { maxLength: 40 }), async (hasBackup, acts) => {
      const { lifecycle, attempts, wanted } = world(hasBackup);
      lifecycle.start();
      for (const what of acts) {
        const [current] = wanted();
        if (what === 'succeed') current?.succeed();
        if (what === 'refuse') current?.fail(true);
        if (what === 'silence') current?.fail(false);
        if (what === 'lose') lifecycle.lost(new StudioError('network.reset', 'gone'));
        if (what === 'move') lifecycle.moved(null);
        if (what === 'retry') lifecycle.retry();
        if (what === 'late') attempts.find(({ open, signal }) => open && signal.aborted)?.succeed();
        await vi.advanceTimersByTimeAsync(what === 'wait' ? 5_000 : 0);
        expect(wanted().length).toBeLessThanOrEqual(1);
      }
      lifecycle.stop();
      lifecycle.closed();
      expect(lifecycle.state.phase).toBe('stopped');
      expect(wanted()).toHaveLength(0);
      expect(vi.getTimerCount()).toBe(0);
    }),
  );
});

test('a connection that its owner cannot use is a failed attempt like any other', async () => {
  const mistake = new RangeError('out of range');
  let broken = true;
  const { lifecycle, attempts, connected, told, unwanted } = world(false, {
    onConnected: () => {
      if (broken) throw mistake;
    },
  });
  lifecycle.start();
  attempts[0]?.succeed();
  await vi.advanceTimersByTimeAsync(0);
  expect(lifecycle.state).toMatchObject({ phase: 'waiting', attempt: 1, failure: { code: 'internal' } });
  expect([unwanted(), connected.length, told]).toEqual([1, 0, [mistake]]);
  broken = false;
  await vi.advanceTimersByTimeAsync(1_010);
  attempts[1]?.succeed();
  await vi.advanceTimersByTimeAsync(0);
  expect(lifecycle.state.phase).toBe('live');
});

test('whoever watches the states and fails at it changes nothing', async () => {
  const { lifecycle, attempts, told } = world(false, {
    onChange: () => {
      throw new TypeError('no');
    },
  });
  lifecycle.start();
  attempts[0]?.succeed();
  await vi.advanceTimersByTimeAsync(0);
  expect(lifecycle.state.phase).toBe('live');
  expect(told).toHaveLength(2);
});
