import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ENCODER_PRESETS, VideoSettings } from '../../../src-shared/domain/index.ts';
import {
  type Load,
  NO_OVERLOAD,
  type OverloadState,
  reliefSteps,
  SETTLE_US,
  smallerFormat,
  stepOverload,
  WAIT_MAX_US,
  WAIT_US,
} from './overload.ts';

const S = 1_000_000;
const video = (changes: Partial<VideoSettings> = {}) =>
  VideoSettings.parse({ widthPx: 1_280, heightPx: 720, frameRate: 30, bitrateKbps: 2_500, ...changes });

describe('the steps', () => {
  test('the preset, then the frame rate, then the size', () => {
    expect(reliefSteps(video(), true).map(({ kind, preset, format }) => [kind, preset, format?.frameRate, format?.heightPx])).toEqual([
      [null, 'veryfast', undefined, undefined],
      ['preset', 'superfast', undefined, undefined],
      ['preset', 'ultrafast', undefined, undefined],
      ['frame-rate', 'ultrafast', 15, 720],
      ['size', 'ultrafast', 15, 540],
      ['size', 'ultrafast', 15, 360],
    ]);
  });

  test('no frame rate below 12, no side below 144, and presets alone where the format must stay', () => {
    expect(reliefSteps(video({ frameRate: 20, preset: 'ultrafast' }), true).map(({ kind }) => kind)).toEqual([null, 'size', 'size']);
    expect(reliefSteps(video({ widthPx: 320, heightPx: 180, preset: 'ultrafast' }), true).map(({ kind }) => kind)).toEqual([
      null,
      'frame-rate',
    ]);
    expect(reliefSteps(video({ preset: 'fast' }), false).map(({ preset }) => preset)).toEqual([
      'fast',
      'faster',
      'veryfast',
      'superfast',
      'ultrafast',
    ]);
  });

  test('property: every step makes less work than the one before', () => {
    fc.assert(
      fc.property(fc.constantFrom(...ENCODER_PRESETS), fc.integer({ min: 12, max: 120 }), fc.boolean(), (preset, frameRate, may) => {
        const costs = reliefSteps(video({ preset, frameRate }), may).map(({ cost }) => cost);
        for (const [index, cost] of costs.slice(1).entries()) expect(cost).toBeLessThan(costs[index] as number);
      }),
    );
  });
});

/** An encoder that can do so many seconds of work a second, of which a second at the show's settings takes `workS`. */
class Machine {
  readonly steps = reliefSteps(video(), true);
  state: OverloadState = NO_OVERLOAD;
  atS = 0;
  queued = 0;
  lost = 0;
  changes: { atS: number; index: number }[] = [];

  run(seconds: number, workS: number): void {
    for (let second = 0; second < seconds; second += 1) {
      this.atS += 1;
      const step = this.steps[this.state.index];
      const frameRate = step?.format?.frameRate ?? 30;
      const need = workS * (step?.cost ?? 1);
      const waiting = this.queued + frameRate * (1 - 1 / need) * Math.min(1, need);
      this.queued = Math.min(30, Math.max(0, need > 1 ? waiting : this.queued - frameRate * (1 - need)));
      if (need > 1 && waiting > 30) this.lost += waiting - 30;
      const load: Load = { busyPct: Math.min(100, need * 100), queued: Math.round(this.queued), frameRate };
      const before = this.state.index;
      this.state = stepOverload(this.state, this.steps, load, this.atS * S);
      if (this.state.index === before) continue;
      this.queued = 0; // opened anew
      this.changes.push({ atS: this.atS, index: this.state.index });
    }
  }
}

describe('the policy', () => {
  test('an encoder with room to spare is left alone', () => {
    const machine = new Machine();
    machine.run(600, 0.85);
    expect(machine.changes).toEqual([]);
  });

  test('one that takes long by the clock and still keeps up is left alone: the machine has other work', () => {
    let state: OverloadState = NO_OVERLOAD;
    const busy: Load = { busyPct: 99, queued: 2, frameRate: 30 };
    for (let atS = 1; atS < 120; atS += 1) state = stepOverload(state, reliefSteps(video(), true), busy, atS * S);
    expect(state.index).toBe(0);
  });

  test.each([1.05, 1.2, 1.5, 2])('one that needs %d times what there is gives up enough within 6 s, and loses nothing', (workS) => {
    const machine = new Machine();
    machine.run(60, workS);
    expect(machine.changes[0]?.atS).toBeLessThanOrEqual(6);
    expect(machine.changes.length).toBeLessThanOrEqual(2);
    expect(machine.lost).toBe(0);
    expect(machine.queued).toBe(0);
    expect((machine.steps[machine.state.index]?.cost ?? 1) * workS).toBeLessThan(1);
  });

  test('when the machine has recovered all comes back, a step at a time', () => {
    const machine = new Machine();
    machine.run(20, 2);
    machine.run(400, 0.5);
    expect(machine.state.index).toBe(0);
    const up = machine.changes.filter(({ atS }) => atS > 20);
    for (const [at, { index }] of up.slice(1).entries()) expect(index).toBe((up[at]?.index ?? 0) - 1);
  });

  test('a step up that fails is tried ever more seldom', () => {
    const fine: Load = { busyPct: 20, queued: 0, frameRate: 30 };
    const late: Load = { busyPct: 100, queued: 4, frameRate: 30 };
    const steps = reliefSteps(video(), false);
    let [state, atS]: [OverloadState, number] = [NO_OVERLOAD, 0];
    while (state.index === 0 && atS < 10) state = stepOverload(state, steps, late, ++atS * S);
    const waits: number[] = [];
    for (let trial = 0; trial < 6; trial += 1) {
      const [fromS, from] = [atS, state.index];
      while (state.index === from && atS < 10_000) state = stepOverload(state, steps, fine, ++atS * S);
      waits.push(atS - fromS);
      const up = state.index;
      while (state.index === up && atS < 10_000) state = stepOverload(state, steps, late, ++atS * S);
    }
    const settleS = SETTLE_US / S;
    expect(waits.map((wait) => wait - settleS)).toEqual([20, 40, 80, 160, 320, 320]);
    expect(state.waitUs).toBe(WAIT_MAX_US);
  });

  test('steps that are no longer allowed are not held', () => {
    const deep = { ...NO_OVERLOAD, index: 5 };
    const presets = reliefSteps(video(), false);
    expect(stepOverload(deep, presets, { busyPct: 70, queued: 0, frameRate: 30 }, S).index).toBe(presets.length - 1);
  });

  test('property: always a step that there is, no two changes within two seconds, up by one only and after 20 calm seconds', () => {
    const loads = fc.array(fc.record({ busyPct: fc.integer({ min: 0, max: 100 }), queued: fc.nat(30), runs: fc.nat(40) }), {
      maxLength: 30,
    });
    fc.assert(
      fc.property(loads, fc.boolean(), (series, may) => {
        const steps = reliefSteps(video(), may);
        let state: OverloadState = NO_OVERLOAD;
        let [atS, changedS] = [0, Number.NEGATIVE_INFINITY];
        for (const { busyPct, queued, runs } of series)
          for (let run = 0; run <= runs; run += 1) {
            const before = state.index;
            state = stepOverload(state, steps, { busyPct, queued, frameRate: 30 }, ++atS * S);
            expect(steps[state.index]).toBeDefined();
            expect(state.waitUs).toBeGreaterThanOrEqual(WAIT_US);
            if (state.index === before) continue;
            expect(atS - changedS).toBeGreaterThanOrEqual(SETTLE_US / S);
            if (state.index < before) {
              expect(before - state.index).toBe(1);
              expect(atS - changedS).toBeGreaterThanOrEqual(WAIT_US / S);
            }
            changedS = atS;
          }
      }),
    );
  });
});

test('of two formats the smaller, and the lower frame rate of both', () => {
  const wide = { widthPx: 1_280, heightPx: 720, frameRate: 15 };
  const small = { widthPx: 640, heightPx: 360, frameRate: 30 };
  expect(smallerFormat(wide, small)).toEqual({ widthPx: 640, heightPx: 360, frameRate: 15 });
  expect(smallerFormat(null, small)).toBe(small);
  expect(smallerFormat(wide, null)).toBe(wide);
  expect(smallerFormat(null, null)).toBeNull();
});
