import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { newQuality, type QualitySample, type QualityState, type QualityStep, stepQuality } from './quality.ts';

const LADDER = [400, 800, 1_500, 3_000];
const TOP = LADDER.length - 1;
const STEP_MS = 200;

const sample = (change: Partial<QualitySample> = {}): QualitySample => ({
  nowMs: 0,
  bitratesKbps: LADDER,
  lateMs: 0,
  stalled: false,
  receivedKbps: LADDER[TOP] ?? 0,
  shownFrames: 0,
  droppedFrames: 0,
  probeKbps: null,
  ...change,
});

/** A viewer behind a link of `linkKbps(nowMs)`, whose server queues up to 3 s. */
function watch(
  durationMs: number,
  linkKbps: (nowMs: number) => number,
  from = newQuality(0, TOP),
): { changes: { nowMs: number; index: number }[]; state: QualityState } {
  let state = from;
  let lateMs = 0;
  let probeKbps: number | null = null;
  const changes: { nowMs: number; index: number }[] = [];
  for (let nowMs = 0; nowMs < durationMs; nowMs += STEP_MS) {
    const needsKbps = LADDER[state.index] ?? 0;
    const receivedKbps = Math.min(linkKbps(nowMs), lateMs > 0 ? Number.POSITIVE_INFINITY : needsKbps);
    lateMs = Math.min(3_000, Math.max(0, lateMs + STEP_MS * (1 - linkKbps(nowMs) / needsKbps)));
    const step: QualityStep = stepQuality(state, sample({ nowMs, lateMs, receivedKbps, probeKbps, shownFrames: (nowMs * 30) / 1_000 }));
    probeKbps = step.probe ? linkKbps(nowMs) - Math.min(receivedKbps, needsKbps) : null;
    if (step.state.index !== state.index) {
      changes.push({ nowMs, index: step.state.index });
      lateMs = 0; // another connection
    }
    state = step.state;
  }
  return { changes, state };
}

test('a link throttled below the top rung: down within 10 s, and back within 30 s of its recovery', () => {
  const { changes } = watch(90_000, (nowMs) => (nowMs > 20_000 && nowMs < 40_000 ? 1_200 : 10_000));
  const down = changes.find(({ index }) => index < TOP);
  expect(down?.nowMs).toBeLessThan(30_000);
  expect(LADDER[down?.index ?? TOP]).toBeLessThan(1_200);
  const back = changes.findLast(({ index }) => index === TOP);
  expect(back?.nowMs).toBeGreaterThan(40_000);
  expect(back?.nowMs).toBeLessThan(70_000);
  expect(changes.length).toBeLessThanOrEqual(3);
});

test('property: on a steady link it comes to rest at a rung that the link carries, and stays', () => {
  fc.assert(
    fc.property(fc.integer({ min: 450, max: 20_000 }), fc.integer({ min: 0, max: TOP }), (linkKbps, index) => {
      // a link that lacks a hundredth of a rung makes it 700 ms late only after more than a minute
      fc.pre(!LADDER.some((kbps) => linkKbps < kbps && linkKbps > kbps * 0.98));
      const { changes, state } = watch(180_000, () => linkKbps, newQuality(0, index));
      expect(LADDER[state.index]).toBeLessThanOrEqual(linkKbps);
      expect(changes.filter(({ nowMs }) => nowMs > 60_000)).toEqual([]);
    }),
    { numRuns: 60 },
  );
});

test('property: the index is always a rung, whatever is seen', () => {
  const seen = fc.record({
    lateMs: fc.option(fc.double({ min: -1e4, max: 1e6, noNaN: true })),
    stalled: fc.boolean(),
    receivedKbps: fc.option(fc.double({ min: 0, max: 1e6, noNaN: true })),
    shownFrames: fc.nat(1e5),
    droppedFrames: fc.nat(1e5),
    probeKbps: fc.option(fc.double({ min: 0, max: 1e6, noNaN: true })),
    bitratesKbps: fc
      .array(fc.integer({ min: 1, max: 20_000 }), { minLength: 1, maxLength: 6 })
      .map((list) => list.toSorted((a, b) => a - b)),
  });
  fc.assert(
    fc.property(fc.array(seen, { maxLength: 100 }), (samples) => {
      let state = newQuality(0, 0);
      samples.forEach((each, i) => {
        state = stepQuality(state, { ...each, nowMs: i * 1_000 }).state;
        expect(state.index).toBeGreaterThanOrEqual(0);
        expect(state.index).toBeLessThan(each.bitratesKbps.length);
      });
    }),
  );
});

describe('what it goes by', () => {
  const settled = (): QualityState => newQuality(0, TOP);

  test('media that comes later and later is the network; a stall with media in time is not', () => {
    expect(stepQuality(settled(), sample({ nowMs: 6_000, lateMs: 900, receivedKbps: 1_100 }))).toMatchObject({
      reason: 'late',
      state: { index: 1 },
    });
    expect(stepQuality(settled(), sample({ nowMs: 6_000, lateMs: 50, stalled: true })).state.index).toBe(TOP); // the publisher's
    expect(stepQuality(settled(), sample({ nowMs: 6_000, lateMs: null, stalled: true }))).toMatchObject({
      reason: 'stalled',
      state: { index: 2 },
    });
  });

  test('what a connection begins with is late by nature', () => {
    expect(stepQuality(settled(), sample({ nowMs: 2_000, lateMs: 2_000 })).state.index).toBe(TOP);
  });

  test('pictures that this computer drops lower it by one, and the rung is left alone for a while, longer each time', () => {
    let state = newQuality(0, TOP);
    const drops = (nowMs: number, shownFrames: number, droppedFrames: number) => {
      const step = stepQuality(state, sample({ nowMs, shownFrames, droppedFrames, probeKbps: 50_000 }));
      state = step.state;
      return step;
    };
    drops(3_000, 60, 30); // its first pictures
    expect(drops(6_000, 120, 60)).toMatchObject({ reason: 'dropped', state: { index: TOP - 1 } });
    expect(drops(9_500, 220, 60).state.index).toBe(TOP - 1); // room on the network is no help
    expect(drops(66_500, 1_930, 60).state.index).toBe(TOP);
    drops(70_000, 2_000, 100);
    expect(drops(73_500, 2_060, 140).state.decodes.forMs).toBe(120_000);
  });

  test('a step up that had to be taken back at once is not tried again for half a minute', () => {
    const raised = stepQuality({ ...newQuality(0, 2) }, sample({ nowMs: 6_000, probeKbps: 4_000, receivedKbps: 1_500 }));
    expect(raised).toMatchObject({ reason: 'room', state: { index: TOP } });
    const back = stepQuality(raised.state, sample({ nowMs: 10_000, lateMs: 1_500, receivedKbps: 2_200 })).state;
    expect(back.index).toBe(2);
    expect(stepQuality(back, sample({ nowMs: 30_000 })).probe).toBe(false);
    expect(stepQuality(back, sample({ nowMs: 41_000 })).probe).toBe(true);
  });
});
