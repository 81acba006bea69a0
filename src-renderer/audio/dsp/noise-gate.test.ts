import { expect, test } from 'vitest';
import { NoiseGateFilter } from '../../../src-shared/domain/audio-filter.ts';
import { constant, db, fromDb, join, RATE_HZ, through } from '../../../tests/support/offline-sound.ts';
import { LEVEL_HOLD_S } from './level-detector.ts';
import { NoiseGate } from './noise-gate.ts';

const gate = (settings: object) => new NoiseGate(NoiseGateFilter.parse({ id: 'g', kind: 'noiseGate', ...settings }));
const LOUD = fromDb(-20);
const QUIET = fromDb(-60);

test('opens in a straight line over the attack, holds, and closes in one over the release, within 0.2 dB', () => {
  const input = join(constant(QUIET, 0.2), constant(LOUD, 0.5), constant(QUIET, 0.6));
  const output = through(gate({ openDb: -30, closeDb: -36, attackMs: 40, holdMs: 100, releaseMs: 200 }), input);
  const gainDb = (seconds: number) => {
    const n = Math.round(seconds * RATE_HZ);
    return db(output[n]! / input[n]!);
  };
  expect(output[Math.round(0.1 * RATE_HZ)]).toBe(0);
  for (const t of [0.004, 0.01, 0.02, 0.03]) expect(Math.abs(gainDb(0.2 + t) - db(t / 0.04)), `${t} s of attack`).toBeLessThan(0.2);
  expect(gainDb(0.3)).toBeCloseTo(0, 3);
  expect(gainDb(0.7 + 0.1)).toBeCloseTo(0, 3);
  for (const t of [0.05, 0.1, 0.15]) {
    const formula = db(1 - t / 0.2);
    expect(Math.abs(gainDb(0.7 + LEVEL_HOLD_S + 0.1 + t) - formula), `${t} s of release`).toBeLessThan(0.2);
  }
  expect(output.at(-200)).toBe(0);
});

test('between its two levels it stays as it is', () => {
  const between = fromDb(-33);
  const settings = { openDb: -30, closeDb: -36, attackMs: 1, holdMs: 0, releaseMs: 1 };
  const output = through(gate(settings), join(constant(between, 0.2), constant(LOUD, 0.2), constant(between, 0.2)));
  expect(output[Math.round(0.19 * RATE_HZ)]).toBe(0);
  expect(output[Math.round(0.59 * RATE_HZ)]).toBeCloseTo(between, 6);
});
