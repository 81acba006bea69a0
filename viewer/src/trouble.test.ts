import fc from 'fast-check';
import { expect, test } from 'vitest';
import { newTroubleWatch, RecentMedian, type Remedy, stepTrouble, type TroubleSample, type TroubleState } from './trouble.ts';

const STEP_MS = 200;

/** What is done in `durationMs`, and when. */
function remedies(durationMs: number, at: (nowMs: number) => Partial<TroubleSample>): { atMs: number; remedy: Remedy }[] {
  let state = newTroubleWatch(0);
  const done: { atMs: number; remedy: Remedy }[] = [];
  for (let nowMs = STEP_MS; nowMs <= durationMs; nowMs += STEP_MS) {
    const sample = { nowMs, mediaTimeMs: nowMs, frames: nowMs / 33, watched: true, apartMs: 0, ...at(nowMs) };
    const step = stepTrouble(state, sample);
    state = step.state;
    if (step.remedy) done.push({ atMs: nowMs, remedy: step.remedy });
  }
  return done;
}

test('pictures that stop while time goes on: a keyframe, then a new connection', () => {
  expect(remedies(6_000, (nowMs) => (nowMs > 2_000 ? { frames: 60 } : {}))).toEqual([
    { atMs: 3_200, remedy: 'keyframe' },
    { atMs: 5_800, remedy: 'reconnect' },
  ]);
});

test('a freeze that the keyframe ended begins anew with a keyframe', () => {
  const frozen = (nowMs: number) => (nowMs > 2_000 && nowMs < 3_400) || (nowMs > 20_000 && nowMs < 21_400);
  expect(remedies(30_000, (nowMs) => (frozen(nowMs) ? { frames: 60 } : {})).map(({ remedy }) => remedy)).toEqual(['keyframe', 'keyframe']);
});

test.each([
  ['a pause', { frames: 60, mediaTimeMs: 2_000 }],
  ['a hidden tab', { frames: 60, watched: false }],
  ['one picture a second', null],
] as const)('%s is no freeze', (_, change) => {
  expect(remedies(10_000, (nowMs) => (change ? (nowMs > 2_000 ? change : {}) : { frames: Math.floor(nowMs / 1_000) }))).toEqual([]);
});

test('slides: at a picture in two seconds there is nothing to mend once two were seen', () => {
  const done = remedies(60_000, (nowMs) => ({ frames: 1 + Math.floor(nowMs / 2_000) }));
  expect(done.filter(({ atMs }) => atMs > 2_000)).toEqual([]);
});

test('of a picture in five seconds a few connections wait longer and longer, and the last stays', () => {
  let state: TroubleState | null = null;
  const reconnects: number[] = [];
  for (let nowMs = 0, beganMs = 0; nowMs < 120_000; nowMs += STEP_MS) {
    state ??= newTroubleWatch(nowMs);
    const mediaTimeMs = nowMs - beganMs;
    const step = stepTrouble(state, { nowMs, mediaTimeMs, frames: 1 + Math.floor(mediaTimeMs / 5_000), watched: true, apartMs: 0 });
    state = step.state;
    if (step.remedy !== 'reconnect') continue;
    reconnects.push(nowMs);
    beganMs = nowMs;
    state = newTroubleWatch(nowMs, state);
  }
  expect(reconnects.length).toBeLessThanOrEqual(3);
  expect(reconnects.at(-1)).toBeLessThan(20_000);
});

test('a freeze is seen as quickly as ever after one that is over', () => {
  const frozen = (nowMs: number) => (nowMs > 2_000 && nowMs < 4_400) || nowMs > 10_000;
  const second = remedies(14_000, (nowMs) => (frozen(nowMs) ? { frames: nowMs > 10_000 ? 300 : 60 } : {})).find(
    ({ atMs }) => atMs > 10_000,
  );
  expect(second).toEqual({ atMs: 11_200, remedy: 'keyframe' });
});

test('pictures and sound apart for three seconds: a nudge, then a new connection', () => {
  expect(remedies(14_000, (nowMs) => ({ apartMs: nowMs > 1_000 ? -300 : 0 }))).toEqual([
    { atMs: 4_200, remedy: 'nudge' },
    { atMs: 12_200, remedy: 'reconnect' },
  ]);
  expect(remedies(14_000, (nowMs) => ({ apartMs: nowMs % 2_000 < 1_000 ? 300 : 20 }))).toEqual([]);
});

test('property: remedies are never closer than two seconds, and no reconnect comes first', () => {
  const seen = fc.record({ frames: fc.nat(3), watched: fc.boolean(), apartMs: fc.option(fc.integer({ min: -500, max: 500 })) });
  fc.assert(
    fc.property(fc.array(seen, { maxLength: 200 }), (samples) => {
      const done = remedies(samples.length * STEP_MS, (nowMs) => samples[nowMs / STEP_MS - 1] ?? {});
      done.forEach(({ atMs }, i) => void (i > 0 && expect(atMs - (done[i - 1]?.atMs ?? 0)).toBeGreaterThan(2_000)));
      expect(done[0]?.remedy).not.toBe('reconnect');
    }),
  );
});

test('a median over the last values, once there are enough', () => {
  const median = new RecentMedian(5);
  median.add(1);
  expect(median.value).toBeNull();
  for (const value of [900, 2, 3, 2, 3]) median.add(value);
  expect(median.value).toBe(3);
});
