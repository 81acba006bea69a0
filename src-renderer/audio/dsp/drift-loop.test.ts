import { describe, expect, test } from 'vitest';
import { DriftLoop } from './drift-loop.ts';

const RATE_HZ = 48_000;
const LOOK_AHEAD = 14;
const DELIVERY = 480;

interface Run {
  seconds: number;
  /** of the device, against the reader */
  ppm: number;
  /** lateness of a delivery, in seconds */
  lateS?: (delivery: number) => number;
}

/** A device that delivers 10 ms at a time, a reader of 128 frames at a time. @returns how old the sound is that is read, each 100 ms */
function run({ seconds, ppm, lateS = () => 0 }: Run) {
  const loop = new DriftLoop(RATE_HZ, LOOK_AHEAD);
  const deviceHz = RATE_HZ * (1 + ppm / 1e6);
  const agesMs: number[] = [];
  let deliveries = 0;
  for (let block = 0; block * 128 < seconds * RATE_HZ; block++) {
    const now = (block * 128) / RATE_HZ;
    while (((deliveries + 1) * DELIVERY) / deviceHz + lateS(deliveries) <= now) deliveries++;
    const rate = loop.next(deliveries * DELIVERY, 128 / RATE_HZ);
    if (rate === null) continue;
    if (block % 38 === 0) agesMs.push((now - loop.position! / deviceHz) * 1_000);
    loop.position! += (rate * 128) / RATE_HZ;
  }
  return { loop, agesMs };
}

describe('over ten minutes, with deliveries that are up to 8 ms late', () => {
  test.each([100, -100, 0, 300, -1_365])(
    'a device off by %i ppm: no hole, and its sound is as old at the end as at the beginning',
    (ppm) => {
      const { loop, agesMs } = run({ seconds: 600, ppm, lateS: (delivery) => ((delivery * 7_919) % 97) / 97 / 125 });
      expect(loop.underruns).toBe(0);
      expect(Math.abs(loop.driftPpm - ppm)).toBeLessThan(10);
      const settled = agesMs.slice(600);
      expect(Math.max(...settled) - Math.min(...settled)).toBeLessThan(1);
      // the first minute finds the drift
      expect(Math.max(...agesMs) - Math.min(...agesMs)).toBeLessThan(Math.abs(ppm) > 1_000 ? 15 : 8);
      expect(Math.max(...agesMs)).toBeLessThan(50);
    },
  );
});

test('deliveries that come too late cost a hole, then there is room for them; later the room is given back', () => {
  const late = (delivery: number) => (delivery > 500 && delivery < 1_500 && delivery % 7 === 0 ? 0.06 : 0);
  const { loop, agesMs } = run({ seconds: 120, ppm: 0, lateS: late });
  expect(loop.underruns).toBeGreaterThan(0);
  expect(loop.underruns).toBeLessThanOrEqual(3);
  expect(Math.max(...agesMs)).toBeGreaterThan(55);
  expect(agesMs.at(-1)).toBeLessThan(45);
});

test('what has gathered in a pause of the reader is skipped', () => {
  const loop = new DriftLoop(RATE_HZ, LOOK_AHEAD);
  expect(loop.next(1_000, 128 / RATE_HZ)).toBeNull();
  expect(loop.next(2_000, 128 / RATE_HZ)).not.toBeNull();
  expect(loop.jumped).toBe(true);
  loop.next(2_128, 128 / RATE_HZ);
  expect(loop.jumped).toBe(false);
  loop.next(48_000, 128 / RATE_HZ);
  expect(loop.jumped).toBe(true);
  expect(loop.position).toBe(48_000 - 0.03 * RATE_HZ);
});
