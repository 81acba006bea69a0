import { expect, test } from 'vitest';
import { type Facts, isStuck, reopenDelayMs, retryDelayMs, viewState } from './view-state.ts';

const live: Facts = { supported: true, server: 'reachable', publishing: true, shown: true, moving: true, paused: false };

test.each([
  ['playing', {}],
  ['playing', { server: 'unreachable' }],
  ['paused', { paused: true }],
  ['starting', { paused: true, shown: false, moving: false }],
  ['buffering', { moving: false }],
  ['starting', { moving: false, shown: false }],
  ['waiting', { moving: false, shown: false, publishing: false }],
  ['away', { moving: false, publishing: false }],
  ['offline', { moving: false, server: 'unreachable' }],
  ['connecting', { moving: false, shown: false, server: 'unknown' }],
  ['not-found', { moving: false, server: 'no-stream' }],
  ['private', { moving: false, shown: false, server: 'private' }],
  ['playing', { server: 'private' }],
  ['unsupported', { supported: false, moving: false }],
] as const)('%s: %j', (state, change) => {
  expect(viewState({ ...live, ...change })).toBe(state);
});

test('retries back off to a bound, and are spread', () => {
  expect([0, 1, 2, 10].map((attempt) => retryDelayMs(attempt, 0.5))).toEqual([400, 800, 1600, 8000]);
  expect(retryDelayMs(0, 0)).toBe(300);
  expect(retryDelayMs(0, 1)).toBe(500);
});

test('a manifest that nothing can be played of is asked for again as slowly as one that does not come', () => {
  expect([0, 1, 4].map((attempt) => reopenDelayMs('unplayable', false, attempt, 0.5))).toEqual([400, 800, 6_400]);
  expect(reopenDelayMs('unplayable', true, 3, 0.5)).toBe(0); // another rung
  expect([0, 1].map((attempt) => reopenDelayMs('decode', false, attempt, 0.5))).toEqual([300, 800]);
});

test('a connection that fills late is given the time to begin; one that shows nothing of what it has is not', () => {
  const opened = { openedAtMs: 0, firstMediaAtMs: null, movedAtMs: Number.NEGATIVE_INFINITY };
  expect([isStuck(8_000, opened), isStuck(8_100, opened)]).toEqual([false, true]);
  const filling = { ...opened, firstMediaAtMs: 7_000 }; // gathers until 11 s
  expect([isStuck(12_000, filling), isStuck(15_100, filling)]).toEqual([false, true]);
  expect([isStuck(28_000, { ...filling, movedAtMs: 20_000 }), isStuck(28_100, { ...filling, movedAtMs: 20_000 })]).toEqual([false, true]);
});
