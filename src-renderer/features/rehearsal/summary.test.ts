import { expect, test } from 'vitest';
import { RatePolicy } from '../../../src-shared/domain/index.ts';
import type { RunSample } from './run.ts';
import { summarise } from './summary.ts';

const calm: RunSample = {
  timeUs: 0,
  capacityKbps: 6_000,
  bitrateKbps: 2_600,
  targetKbps: 2_500,
  ceilingKbps: 2_500,
  heightPx: 720,
  delayMs: 40,
  sent: 30,
  dropped: 0,
  isLive: true,
  reconnects: 0,
};
const follow = RatePolicy.parse({});
const fixed = RatePolicy.parse({ mode: 'fixed' });
const down = { isLive: false, sent: 0, bitrateKbps: 0 };

/** A run of so many seconds, the given ones not calm. */
const run = (seconds: number, special: Record<number, Partial<RunSample>> = {}) =>
  Array.from({ length: seconds }, (_, s): RunSample => ({ ...calm, timeUs: s * 1_000_000, ...special[s] }));

test.each([
  ['all is well', run(30), follow, 'clean', null],
  ['too short to say', run(8), follow, 'short', null],
  ['what came before the first connection does not count', run(30, { 0: down, 1: down }), follow, 'clean', null],
  ['the rate followed', run(30, { 20: { targetKbps: 1_200 } }), follow, 'lowered', null],
  ['a picture that hardly moves', run(30).map((sample) => ({ ...sample, bitrateKbps: 200 })), follow, 'still', 'move'],
  ['late at the floor', run(30, { 20: { delayMs: 2_000, targetKbps: 300 } }), follow, 'late', 'size'],
  ['late above the floor', run(30, { 20: { delayMs: 2_000, targetKbps: 900 } }), follow, 'late', null],
  ['a fixed rate that does not fit', run(30, { 20: { delayMs: 700, dropped: 28, sent: 2 } }), fixed, 'dropped', 'follow'],
  [
    'a floor that does not fit',
    run(30, { 20: { dropped: 28, targetKbps: 2_000 } }),
    RatePolicy.parse({ floorKbps: 2_000 }),
    'dropped',
    'floor',
  ],
  ['a lost connection', run(30, { 20: down, 21: { reconnects: 1 } }), follow, 'interrupted', null],
] as const)('%s', (_name, samples, policy, verdict, advice) => {
  expect(summarise(samples, policy)).toMatchObject({ verdict, advice });
});

test('the figures', () => {
  const samples = run(60, {
    20: { targetKbps: 900, delayMs: 650, dropped: 15, sent: 15 },
    30: down,
    31: { ...down, targetKbps: 100, delayMs: 9_000 }, // what is asked for while nothing is connected does not count
    32: { reconnects: 1 },
  });
  expect(summarise(samples, follow)).toMatchObject({
    durationS: 59,
    lowestKbps: 900,
    longestDelayMs: 650,
    dropped: 15,
    droppedPct: expect.closeTo((100 * 15) / (30 * 58), 5),
    reconnects: 1,
    downS: 2,
  });
});

test('without a connection there is nothing to say', () => {
  expect(
    summarise(
      run(20).map((sample) => ({ ...sample, ...down })),
      follow,
    ),
  ).toBeNull();
});
