import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Random } from './random.ts';
import { X264 } from './x264.ts';

const FRAME_RATE = 30;
const GOP_FRAMES = 60;
const LIMITED_S = 0.4;

/** kbps of each half second; the rates change at whole seconds */
function output(kbpsOf: (second: number) => number, seconds: number, seed = 1): number[] {
  const vbvS = (kbps: number) => (kbps < 4_500 ? LIMITED_S : 1);
  const x264 = new X264(kbpsOf(0), vbvS(kbpsOf(0)), FRAME_RATE, new Random(seed));
  const sizes: number[] = [];
  for (let frame = 0; frame < seconds * FRAME_RATE; frame += 1) {
    const kbps = kbpsOf(frame / FRAME_RATE);
    if (frame % FRAME_RATE === 0) x264.setRate(kbps, vbvS(kbps));
    sizes.push(x264.picture(frame % GOP_FRAMES === 0));
  }
  return Array.from({ length: seconds * 2 }, (_, half) => mean(sizes.slice(half * 15, half * 15 + 15)) * 8 * (FRAME_RATE / 1_000));
}

const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

test.each([300, 600, 1_200, 4_500])('at %d kbps a minute takes what is asked for', (kbps) => {
  expect(mean(output(() => kbps, 60).slice(20)) / kbps).toBeGreaterThan(0.95);
  expect(mean(output(() => kbps, 60).slice(20)) / kbps).toBeLessThan(1.03);
});

test('property: over any while it takes no more than the rate and its buffer allow', () => {
  fc.assert(
    fc.property(fc.integer({ min: 300, max: 6_000 }), fc.nat(), fc.integer({ min: 1, max: 200 }), (kbps, seed, frames) => {
      const x264 = new X264(kbps, LIMITED_S, FRAME_RATE, new Random(seed));
      const sizes = Array.from({ length: 300 }, (_, frame) => x264.picture(frame % GOP_FRAMES === 0));
      const most = (kbps * (frames / FRAME_RATE + LIMITED_S)) / 8;
      for (let from = 0; from + frames <= sizes.length; from += 1) {
        expect(sizes.slice(from, from + frames).reduce((sum, bytes) => sum + bytes, 0) / 1_000).toBeLessThanOrEqual(most + 1);
      }
    }),
    { numRuns: 50 },
  );
});

/** As libx264 itself did on the same pictures, which docs/network-lab.md tells of. */
describe('it follows', () => {
  const near = (halves: number[], from: number, to: number) => mean(halves.slice(from * 2, to * 2));

  test('a fall within half a second', () => {
    const halves = output((second) => (second < 4 ? 4_500 : 1_200), 8);
    expect(near(halves, 4.5, 8)).toBeLessThan(1_260);
  });

  test('a rise from 1,200 to 4,500 kbps within a second', () => {
    const halves = output((second) => (second < 8 ? 1_200 : 4_500), 12);
    expect(near(halves, 9, 12)).toBeGreaterThan(0.93 * 4_500);
  });

  test('a rise from the floor only after seconds in which it takes half of what is asked for, or less', () => {
    const halves = output((second) => (second < 8 ? 300 : 1_000), 24);
    expect(near(halves, 8, 11)).toBeGreaterThan(270);
    expect(near(halves, 8, 11)).toBeLessThan(550);
    expect(near(halves, 18, 24)).toBeGreaterThan(900);
  });
});
