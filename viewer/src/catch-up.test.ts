import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type BufferSample, type CatchUp, newCatchUp, RATE, stepCatchUp, TARGET_MS } from './catch-up.ts';

const STEP_MS = 100;
const calm: BufferSample = { nowMs: 0, bufferMs: TARGET_MS.first, stalled: false, gapMs: 40, starting: false };

interface Played {
  state: CatchUp;
  bufferMs: number;
  stalls: number;
  jumps: number;
  stalledMs: number;
}

/** A player on a network that brings `arrivals(nowMs)` ms of media in each step. */
function play(durationMs: number, arrivals: (nowMs: number) => number, from: Partial<Played> = {}, gapMs = 40): Played {
  const played = { state: newCatchUp(0), bufferMs: 0, stalls: 0, jumps: 0, stalledMs: 0, ...from };
  let stalled = false;
  for (let nowMs = 0; nowMs < durationMs; nowMs += STEP_MS) {
    played.bufferMs += arrivals(nowMs);
    const { state, jumpToMs } = stepCatchUp(played.state, { nowMs, bufferMs: played.bufferMs, stalled, gapMs, starting: nowMs < 2_000 });
    played.state = state;
    if (jumpToMs !== null) {
      played.bufferMs = Math.min(played.bufferMs, jumpToMs);
      played.jumps += 1;
    }
    const wantedMs = STEP_MS * state.rate;
    const stalls = state.rate > 0 && played.bufferMs < wantedMs;
    if (stalls && !stalled) played.stalls += 1;
    if (stalls || state.rate === 0) played.stalledMs += STEP_MS;
    stalled = stalls;
    played.bufferMs -= Math.min(played.bufferMs, wantedMs);
  }
  return played;
}

test('a steady network ends at the least in hand, without a stall after the start', () => {
  const start = play(3_000, () => STEP_MS);
  const { state, bufferMs, stalls } = play(90_000, () => STEP_MS, { state: newCatchUp(0), bufferMs: start.bufferMs + 500 });
  expect(state.targetMs).toBe(TARGET_MS.least);
  expect(bufferMs).toBeLessThan(TARGET_MS.least + 300);
  expect(stalls).toBe(0);
});

test('a burst at the start is jumped over, a little too much is made up by playing faster', () => {
  expect(stepCatchUp(newCatchUp(0), { ...calm, bufferMs: 2_000, starting: true }).jumpToMs).toBe(TARGET_MS.first);
  const { state, jumpToMs } = stepCatchUp(newCatchUp(0), { ...calm, bufferMs: 1_500 });
  expect([state.rate, jumpToMs]).toEqual([RATE.fastest, null]);
  expect(play(10_000, () => STEP_MS, { bufferMs: 800 }).jumps).toBe(0);
});

test('after ten seconds of pause it is back at the target within a step', () => {
  const { state, jumpToMs } = stepCatchUp(newCatchUp(0), { ...calm, bufferMs: 10_450 });
  expect(jumpToMs).toBe(state.targetMs);
});

test('media that comes in lumps of a second is played without stalls once the player has learned', () => {
  const lumps = (nowMs: number) => (nowMs % 1_000 === 0 ? 1_000 : 0);
  const learned = play(20_000, lumps, {}, 1_000);
  expect(learned.state.targetMs).toBeGreaterThan(1_000);
  expect(play(60_000, lumps, { state: { ...learned.state, changedAtMs: 0 }, bufferMs: learned.bufferMs }, 1_000).stalls).toBe(0);
});

test('it plays faster until the target, not to the edge of the slack', () => {
  const at = (rate: number, bufferMs: number) => stepCatchUp({ ...newCatchUp(0), rate }, { ...calm, bufferMs }).state.rate;
  expect(at(RATE.usual, TARGET_MS.first + 100)).toBe(RATE.usual);
  expect(at(RATE.faster, TARGET_MS.first + 100)).toBe(RATE.faster);
  expect(at(RATE.faster, TARGET_MS.first - 1)).toBe(RATE.usual);
  expect(at(RATE.usual, TARGET_MS.first / 3)).toBe(RATE.slow);
});

test('a publisher that went away for long leaves the target as it was', () => {
  let state = newCatchUp(0);
  for (let nowMs = 0; nowMs < 10_000; nowMs += STEP_MS) state = stepCatchUp(state, { ...calm, nowMs, bufferMs: 0, stalled: true }).state;
  expect(state.targetMs).toBe(TARGET_MS.first);
});

const sample = fc.record({
  bufferMs: fc.double({ min: 0, max: 60_000, noNaN: true }),
  stalled: fc.boolean(),
  gapMs: fc.double({ min: 0, max: 20_000, noNaN: true }),
  starting: fc.boolean(),
});

test('property: rate and target stay within their bounds, and a jump leaves the target in hand', () => {
  fc.assert(
    fc.property(fc.array(sample, { minLength: 1, maxLength: 200 }), (samples) => {
      let state = newCatchUp(0);
      samples.forEach((each, i) => {
        const step = stepCatchUp(state, { ...each, nowMs: i * 1_000 });
        state = step.state;
        expect(state.targetMs).toBeGreaterThanOrEqual(TARGET_MS.least);
        expect(state.targetMs).toBeLessThanOrEqual(TARGET_MS.most);
        expect(state.rate === 0 || (state.rate >= RATE.slow && state.rate <= RATE.fastest)).toBe(true);
        if (step.jumpToMs === null) return;
        expect(step.jumpToMs).toBe(state.targetMs);
        expect(each.bufferMs).toBeGreaterThan(step.jumpToMs);
      });
    }),
  );
});

test('property: a stall never lowers the target, calm never raises it', () => {
  fc.assert(
    fc.property(fc.double({ min: TARGET_MS.least, max: TARGET_MS.most, noNaN: true }), sample, (targetMs, each) => {
      const before = newCatchUp(0, targetMs);
      const stalled = stepCatchUp(before, { ...each, nowMs: 60_000, stalled: true }).state;
      expect(stalled.targetMs).toBeGreaterThanOrEqual(before.targetMs);
      const calmed = stepCatchUp(before, { ...each, nowMs: 60_000, stalled: false, gapMs: 0 }).state;
      expect(calmed.targetMs).toBeLessThanOrEqual(before.targetMs);
    }),
  );
});

test('property: it never waits for longer than two seconds after a stall', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 100, noNaN: true }), (bufferMs) => {
      let state = newCatchUp(0);
      for (let nowMs = 0; nowMs <= 2_000; nowMs += STEP_MS)
        state = stepCatchUp(state, { ...calm, nowMs, bufferMs, stalled: nowMs === 0 }).state;
      expect(state.rate).toBeGreaterThan(0);
    }),
  );
});
