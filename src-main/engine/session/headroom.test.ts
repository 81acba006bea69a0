import { expect, test } from 'vitest';
import { cpuTimes, Headroom } from './headroom.ts';

/** Six samples, a second apart, of a machine of two cores with so many of them idle. */
function measured(idleCores: number, samples = 6): Headroom {
  const headroom = new Headroom();
  for (let second = 0; second < samples; second += 1)
    headroom.add({ idleMs: second * idleCores * 1_000, totalMs: second * 2_000, cores: 2 });
  return headroom;
}

test.each([
  [1.5, 0.9, true],
  [1.5, 1, false],
  [0.2, 0, false],
  [2, 1.3, true],
])('%d idle cores and an encode of %d: %s', (idleCores, encodeCores, expected) => {
  expect(measured(idleCores).allows(encodeCores)).toBe(expected);
});

test('nothing is allowed before five seconds have been measured, nor just after a change', () => {
  expect(measured(2, 5).allows(0.1)).toBe(false);
  const headroom = measured(2);
  expect(headroom.allows(0.1)).toBe(true);
  headroom.forget();
  expect(headroom.allows(0.1)).toBe(false);
});

test('only the newest seconds count', () => {
  const headroom = new Headroom();
  for (let second = 0; second <= 20; second += 1) headroom.add({ idleMs: Math.min(second, 10) * 2_000, totalMs: second * 2_000, cores: 2 });
  expect(headroom.allows(0)).toBe(false);
});

test('the system tells of its cores', () => {
  const { idleMs, totalMs, cores } = cpuTimes();
  expect(cores).toBeGreaterThan(0);
  expect(idleMs).toBeGreaterThan(0);
  expect(totalMs).toBeGreaterThan(idleMs);
});

test.each([
  [0, 6, true],
  [0.05, 6, true],
  [0.15, 6, false],
  [0, 5, false],
])('%d idle cores in %d samples: a machine that is too busy: %s', (idleCores, samples, expected) => {
  expect(measured(idleCores, samples).isShort).toBe(expected);
});
