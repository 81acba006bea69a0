import { expect, test } from 'vitest';
import { SERVER_LIMITS } from '../../limits.ts';
import { ShowPlan } from './show-plan.ts';

const plan = (longestGopMs: () => number | null = () => 1_000) =>
  new ShowPlan(SERVER_LIMITS, { msn: 100, discontinuitiesAhead: 0 }, longestGopMs);
const cuts = (show: ShowPlan, timesMs: number[], epoch = 0) => timesMs.filter((dtsMs) => show.cutsAt({ dtsMs, epoch }));
const everySecond = (fromMs: number, count: number) => Array.from({ length: count }, (_, i) => fromMs + i * 1_000);

test('segments of two seconds, the first of one; who comes later, or asks in between, hears the same', () => {
  const show = plan();
  expect(cuts(show, everySecond(0, 8))).toEqual([0, 1_000, 3_000, 5_000, 7_000]);
  expect(cuts(show, everySecond(4_000, 8))).toEqual([5_000, 7_000, 9_000, 11_000]);
  expect([0, 999, 1_000, 4_500, 11_999].map((timeMs) => show.msnAt(timeMs))).toEqual([100, 100, 101, 102, 106]);
});

test('GOPs of just under two seconds are segments', () => {
  expect(cuts(plan(), [0, 1_999, 4_000, 5_999, 7_999])).toEqual([0, 1_999, 4_000, 5_999, 7_999]);
});

test('another publisher begins a segment, however short the one before it is', () => {
  const show = plan();
  expect(cuts(show, everySecond(0, 4))).toEqual([0, 1_000, 3_000]);
  expect(cuts(show, everySecond(3_300, 4), 1)).toEqual([3_300, 4_300, 6_300]);
  expect(cuts(show, everySecond(3_300, 4), 1)).toEqual([3_300, 4_300, 6_300]);
  expect(show.msnAt(6_300)).toBe(105);
});

test('the target duration follows what is known until the first segment is whole', () => {
  let gopMs: number | null = null;
  const show = plan(() => gopMs);
  expect(show.targetDurationS).toBe(4);
  gopMs = 3_000;
  expect(show.targetDurationS).toBe(3);
  show.settle();
  gopMs = 10_000;
  expect(show.targetDurationS).toBe(3);
});

test('the wall clock is the same for all of an epoch', () => {
  const show = plan();
  expect([show.zeroAtMs(0, 5_000), show.zeroAtMs(0, 5_120), show.zeroAtMs(1, 9_000)]).toEqual([5_000, 5_000, 9_000]);
});

test('the wall clock of epochs long past is forgotten, however often publishers come back', () => {
  const show = plan();
  for (let epoch = 0; epoch < 1_000; epoch += 1) show.zeroAtMs(epoch, epoch);
  expect(show.zeroAtMs(995, 1)).toBe(995);
  expect(show.zeroAtMs(100, 1)).toBe(1);
});
