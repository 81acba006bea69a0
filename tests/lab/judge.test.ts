import { expect, test } from 'vitest';
import { traceOfRate } from '../../src-main/engine/link/trace.ts';
import { type Delivery, judge, quantile, type Show } from './judge.ts';

const STEP = traceOfRate(30_000, (atMs) => (atMs <= 10_000 || atMs > 20_000 ? 6_000 : 1_500));

/** A picture every 40 ms, of 2,500 bytes: 500 kbps. */
function show(delayMs: (encodedMs: number) => number | null, rates: Show['rates'] = [{ atMs: 0, videoKbps: 400 }]): Show {
  const deliveries: Delivery[] = Array.from({ length: 750 }, (_, n) => {
    const late = delayMs(n * 40);
    return { kind: 'video', bytes: 2_500, encodedMs: n * 40, arrivedMs: late === null ? null : n * 40 + late };
  });
  return { durationMs: 30_000, deliveries, rates, ceilingKbps: 400, otherKbps: 100 };
}

test.each([
  [0.5, 3],
  [0.95, 5],
  [0.2, 1],
  [1, 5],
])('the %d quantile of five is the value at or under which that share lies: %d', (share, value) => {
  expect(quantile([1, 2, 3, 4, 5], share)).toBe(value);
});

test('a show in time uses all that it may', () => {
  expect(
    judge(
      show(() => 100),
      STEP,
    ),
  ).toMatchObject({
    utilisation: 1,
    delayP50Ms: 100,
    delayMaxMs: 100,
    framesDroppedPct: 0,
    freezes: 0,
    rateChangesPerMin: 0,
    reactMs: null,
    recoverMs: null,
  });
});

test('what comes after 2 s is late and not used, though it counts for the delay', () => {
  const judgement = judge(
    show((atMs) => (atMs < 15_000 ? 100 : 2_001)),
    STEP,
  );
  expect(judgement.utilisation).toBeCloseTo(0.5, 2);
  expect(judgement.delayMaxMs).toBe(2_001);
  expect(judgement.framesDroppedPct).toBe(0);
});

test('a gap of pictures is a freeze, at the end too, and sound that never comes is counted', () => {
  const gap = show((atMs) => (atMs >= 5_000 && atMs < 5_600 ? null : 0));
  expect(judge(gap, STEP)).toMatchObject({ freezes: 1, audioLost: 0 });
  const end = show((atMs) => (atMs >= 29_000 ? null : 0));
  expect(judge(end, STEP)).toMatchObject({ freezes: 1 });
  const silent = { ...gap, deliveries: gap.deliveries.map((delivery) => ({ ...delivery, kind: 'audio' as const })) };
  expect(judge(silent, STEP).audioLost).toBe(15);
});

test('a fall is answered when the rate is under what the link takes, a rise at nine tenths of it', () => {
  const rates = [
    { atMs: 0, videoKbps: 4_400 },
    { atMs: 10_400, videoKbps: 2_000 },
    { atMs: 10_900, videoKbps: 1_300 },
    { atMs: 22_000, videoKbps: 3_000 },
    { atMs: 26_000, videoKbps: 4_200 },
  ];
  const judgement = judge({ ...show(() => 0, rates), ceilingKbps: 4_500 }, STEP);
  expect(judgement.reactMs).toBeCloseTo(900, -2);
  expect(judgement.recoverMs).toBeCloseTo(6_000, -2);
  expect(judgement.rateChangesPerMin).toBe(8);
});

test('a fall that is never answered counts until the next change', () => {
  const judgement = judge({ ...show(() => 0, [{ atMs: 0, videoKbps: 4_400 }]), ceilingKbps: 4_500 }, STEP);
  expect(judgement.reactMs).toBeGreaterThan(9_000);
  expect(judgement.recoverMs).toBeNull();
});

test('what leaves the encoder is judged by the second', () => {
  const deliveries: Delivery[] = Array.from({ length: 750 }, (_, n) => {
    const isHigh = n * 40 < 11_500;
    return { kind: 'video', bytes: isHigh ? 20_000 : 5_000, encodedMs: n * 40, arrivedMs: n * 40 };
  });
  expect(judge({ ...show(() => 0), deliveries }, STEP).outputMs).toBeCloseTo(1_400, -3);
});
