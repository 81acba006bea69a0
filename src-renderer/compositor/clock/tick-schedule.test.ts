import fc from 'fast-check';
import { expect, test } from 'vitest';
import { tickToUs } from '../../../src-shared/units.ts';
import { nextTick } from './tick-schedule.ts';

test('the first tick is the next one to come', () => {
  expect(nextTick(1_000_000, 30, null)).toEqual({ tick: 31, waitUs: 33_333 });
});

test('the tick after the last one, however early the wake-up was', () => {
  expect(nextTick(1_033_332, 30, 30)).toEqual({ tick: 31, waitUs: 1 });
  expect(nextTick(1_033_333, 30, 31)).toEqual({ tick: 32, waitUs: 33_334 });
});

test('a late wake-up goes to the current tick at once and skips those between', () => {
  expect(nextTick(1_210_000, 30, 31)).toEqual({ tick: 36, waitUs: 0 });
});

test('after a step of the clock the count begins anew, in either direction', () => {
  expect(nextTick(100_000_000, 30, 31).tick).toBe(3_001);
  expect(nextTick(1_000_000, 30, 3_000).tick).toBe(31);
});

test('property: waiting for each tick yields every tick once, at its time', () => {
  fc.assert(
    fc.property(fc.constantFrom(24, 25, 30_000 / 1_001, 30, 50, 60, 120), fc.integer({ min: 0, max: 4e11 }), (frameRate, startUs) => {
      let nowUs = startUs;
      let last = nextTick(nowUs, frameRate, null);
      for (let count = 0; count < 300; count++) {
        nowUs += last.waitUs;
        expect(Math.abs(nowUs - tickToUs(last.tick, frameRate))).toBeLessThanOrEqual(1);
        const next = nextTick(nowUs, frameRate, last.tick);
        expect(next.tick).toBe(last.tick + 1);
        last = next;
      }
    }),
    { numRuns: 40 },
  );
});
