import { describe, expect, test } from 'vitest';
import { capIndex, loadShareOf, newHoldBack, newLevelCap, sizeIndex, stepHoldBack, stepLevelCap } from './hls-steering.ts';

const LADDER = [400, 1_200, 4_000];
const TOP = LADDER.length - 1;
const STEP_MS = 500;
const GRACE_ENDS_MS = 2_500;

/** A viewer whose hls.js always loads the highest level it may. */
function watch(durationMs: number, linkKbps: (nowMs: number) => number): { nowMs: number; index: number }[] {
  let state = newLevelCap(0);
  let level = TOP;
  const changes: { nowMs: number; index: number }[] = [];
  for (let nowMs = 0; nowMs < durationMs; nowMs += STEP_MS) {
    const loadShare = (LADDER[level] ?? 0) / linkKbps(nowMs);
    state = stepLevelCap(state, { nowMs, bitratesKbps: LADDER, level, stalled: false, loadShare });
    const index = capIndex(state, LADDER);
    if (index !== level) changes.push({ nowMs, index });
    level = index;
  }
  return changes;
}

describe('the cap of the levels', () => {
  test('a link throttled below the top: down in seconds, and back within 30 s of its recovery', () => {
    const changes = watch(90_000, (nowMs) => (nowMs > 20_000 && nowMs < 40_000 ? 600 : 20_000));
    expect(changes[0]).toEqual({ nowMs: 20_500, index: 0 });
    const back = changes.find(({ index }) => index === TOP);
    expect(back?.nowMs).toBeGreaterThanOrEqual(40_000); // at once, where there is plenty of room
    expect(back?.nowMs).toBeLessThan(70_000);
    expect(changes.length).toBe(2);
  });

  test('a link with room for the middle alone: it stays there', () => {
    expect(watch(180_000, () => 2_000)).toEqual([{ nowMs: GRACE_ENDS_MS, index: 1 }]);
  });

  test('a stall lowers by one level, and a level that failed waits for half a minute', () => {
    const sample = { bitratesKbps: LADDER, stalled: false, loadShare: null };
    let state = stepLevelCap(newLevelCap(0), { ...sample, nowMs: 3_000, level: TOP, stalled: true });
    expect(capIndex(state, LADDER)).toBe(1);
    state = stepLevelCap(state, { ...sample, nowMs: 11_000, level: 1 });
    expect(capIndex(state, LADDER)).toBe(TOP);
    state = stepLevelCap(state, { ...sample, nowMs: 15_000, level: TOP, stalled: true });
    expect(capIndex(state, LADDER)).toBe(1);
    state = stepLevelCap(state, { ...sample, nowMs: 40_000, level: 1 });
    expect(capIndex(state, LADDER)).toBe(1);
    expect(capIndex(stepLevelCap(state, { ...sample, nowMs: 45_000, level: 1 }), LADDER)).toBe(TOP);
  });

  test('where a level failed, and the network then gets plenty of room, nobody waits for half a minute', () => {
    const failed = { ...newLevelCap(0), maxKbps: 1_200, changedAtMs: 15_000, troubleAtMs: 15_000, waitMs: 30_000 };
    const after9s = (loadShare: number) =>
      capIndex(stepLevelCap(failed, { nowMs: 24_000, bitratesKbps: LADDER, level: 1, stalled: false, loadShare }), LADDER);
    expect([after9s(0.05), after9s(0.2)]).toEqual([TOP, 1]);
  });

  test('a level that hls.js takes out of its list moves no cap', () => {
    const state = { ...newLevelCap(0), maxKbps: 1_200 };
    expect(capIndex(state, [1_200, 4_000])).toBe(0);
    expect(capIndex(state, [4_000])).toBe(0);
  });
});

test('what is loaded counts by the last second of media, and what is still coming once it is late', () => {
  const part = { transferMs: 100, mediaMs: 333 };
  expect(loadShareOf([part, part], null)).toBeNull();
  expect(loadShareOf([{ transferMs: 9_000, mediaMs: 333 }, part, part, part], null)).toBeCloseTo(0.3, 2);
  const segment = { transferMs: 600, mediaMs: 2_000 };
  expect(loadShareOf([segment], { transferMs: 1_900, mediaMs: 2_000 })).toBeCloseTo(0.3);
  expect(loadShareOf([segment], { transferMs: 2_500, mediaMs: 2_000 })).toBeCloseTo(1.25);
});

test('no larger picture than the player has room for', () => {
  const levels = [240, 480, 1_080].map((height) => ({ width: (height * 16) / 9, height }));
  expect(sizeIndex(levels, { width: 640, height: 360 })).toBe(1);
  expect(sizeIndex(levels, { width: 3_840, height: 2_160 })).toBe(2);
  expect(sizeIndex(levels, { width: 0, height: 0 })).toBe(2);
});

test('the distance from the live edge is set back after some calm, and later where that brought a stall', () => {
  let { state, setBack } = stepHoldBack(newHoldBack(0), { nowMs: 2_000, stalled: true, raised: true });
  const at = (nowMs: number, stalled = false) => {
    ({ state, setBack } = stepHoldBack(state, { nowMs, stalled, raised: true }));
    return setBack;
  };
  expect(at(10_000)).toBe(false);
  expect(at(17_000)).toBe(true);
  expect([at(20_000, true), at(20_500, true)]).toEqual([false, false]);
  expect(at(36_000)).toBe(false);
  expect(at(51_000)).toBe(true);
  expect(stepHoldBack(state, { nowMs: 300_000, stalled: false, raised: false }).setBack).toBe(false);
});
