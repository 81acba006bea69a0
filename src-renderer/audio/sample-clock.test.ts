import { expect, test } from 'vitest';
import { framesToUs, SampleClock } from './sample-clock.ts';

const BLOCK = 512;
const TRUTH_US = 5_000_000;

/** Feeds arrivals of blocks that were made at TRUTH_US + n; `delayUs` is how late each arrives. */
function feed(
  clock: SampleClock,
  seconds: number,
  delayUs: (block: number) => number,
  options: { ppm?: number; from?: number; pauseUs?: number } = {},
): number {
  const { ppm = 0, from = 0, pauseUs = 0 } = options;
  const blocks = from + Math.ceil((seconds * 48_000) / BLOCK);
  for (let block = from + 1; block <= blocks; block++) {
    const madeUs = TRUTH_US + pauseUs + framesToUs(block * BLOCK) * (1 - ppm / 1e6);
    clock.add(block * BLOCK, madeUs + delayUs(block));
  }
  return blocks;
}

test('of wake-ups up to 30 ms late, the earliest count', () => {
  const clock = new SampleClock();
  feed(clock, 10, (block) => (block * 7_919) % 30_000);
  expect(Math.abs(clock.originUs - TRUTH_US)).toBeLessThan(1_000);
});

test('follows a sound card that is 200 ppm fast, without steps', () => {
  const clock = new SampleClock();
  const from = feed(clock, 5, () => 0, { ppm: 200 });
  let last = clock.originUs;
  for (let block = from; block < from + 1_000; block++) {
    feed(clock, BLOCK / 48_000, () => 0, { ppm: 200, from: block });
    expect(Math.abs(clock.originUs - last)).toBeLessThan(20); // of the 10 ms of a block: no ear hears it
    last = clock.originUs;
  }
  const seconds = ((from + 1_000) * BLOCK) / 48_000;
  expect(Math.abs(clock.originUs - (TRUTH_US - seconds * 200))).toBeLessThan(300);
});

test('follows a clock as bad as the stand-in for a missing sound card', () => {
  const clock = new SampleClock();
  feed(clock, 60, () => 0, { ppm: -1_365 });
  expect(Math.abs(clock.originUs - (TRUTH_US + 60 * 1_365))).toBeLessThan(2_000);
});

test('after the context was suspended for a second it steps', () => {
  const clock = new SampleClock();
  const from = feed(clock, 5, () => 0);
  feed(clock, 1.5, () => 0, { from, pauseUs: 1_000_000 });
  expect(Math.abs(clock.originUs - TRUTH_US - 1_000_000)).toBeLessThan(300);
});

test('a starved second that is caught up again leaves no trace', () => {
  const clock = new SampleClock();
  const from = feed(clock, 5, () => 0);
  feed(clock, 1, () => 150_000, { from });
  expect(Math.abs(clock.originUs - TRUTH_US)).toBeLessThan(300);
});

test('a shift of 150 ms that stays is taken over within 3 s', () => {
  const clock = new SampleClock();
  const from = feed(clock, 5, () => 0);
  feed(clock, 3, () => 150_000, { from });
  expect(Math.abs(clock.originUs - TRUTH_US - 150_000)).toBeLessThan(300);
});
