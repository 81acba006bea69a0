import { expect, test } from 'vitest';
import { ServerClock } from './server-clock.ts';

/** The server's clocks: a second ahead by Unix time, anything by the other. */
const [AHEAD_MS, OTHER_MS] = [1_000, 77_777];

/** Bytes that leave now, wait on the way there, and are reported at once. */
function sample(nowMs: number, { thereMs = 10, backMs = 10 } = {}) {
  const serverUnixMs = nowMs + thereMs + AHEAD_MS;
  const cameMs = nowMs + thereMs + backMs;
  return { thereMs: thereMs + OTHER_MS, backMs: backMs - OTHER_MS, nowMs: cameMs, serverUnixMs, unixMs: cameMs };
}

test('the clocks are known by the quickest way there and back, whatever waits', () => {
  const clock = new ServerClock();
  expect(clock.aheadMs).toBeNull();
  clock.add(sample(0, { thereMs: 400 }));
  expect(clock.aheadMs).toBeCloseTo(AHEAD_MS + 195); // half of what only one way took longer
  clock.add(sample(1_000));
  clock.add(sample(2_000, { backMs: 300 }));
  expect(clock.aheadMs).toBeCloseTo(AHEAD_MS);
});

test('after half a minute it is measured anew', () => {
  const clock = new ServerClock();
  clock.add(sample(0));
  clock.add({ ...sample(10_000, { thereMs: 20, backMs: 20 }), serverUnixMs: 99_000 });
  expect(clock.aheadMs).toBeCloseTo(AHEAD_MS);
  clock.add(sample(31_000, { thereMs: 20, backMs: 20 }));
  expect(clock.aheadMs).toBeCloseTo(AHEAD_MS);
  clock.add({ ...sample(62_000), serverUnixMs: 65_010 }); // it was set
  expect(clock.aheadMs).toBeCloseTo(3_000);
});

test('no single sample that had to wait takes the place of the quick ones of the last quarter of a minute', () => {
  const clock = new ServerClock();
  const way = [10, 400, 11, 400, 12, 400] as const;
  for (const [i, thereMs] of way.entries()) clock.add(sample(i * 7_000, { thereMs }));
  expect(Math.abs((clock.aheadMs ?? 0) - AHEAD_MS)).toBeLessThan(2);
});

test('a time that no clock shows is left out', () => {
  const clock = new ServerClock();
  for (const serverUnixMs of [Number.NaN, Number.POSITIVE_INFINITY, -1, 1e300]) clock.add({ ...sample(0), serverUnixMs });
  expect(clock.aheadMs).toBeNull();
});
