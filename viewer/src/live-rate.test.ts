import { expect, test } from 'vitest';
import { FASTER, followsLive, liveRate } from './live-rate.ts';

test('what a stall took is made up, and no more', () => {
  let behindS = 3; // a stall's
  let rate = 1;
  let tookS = 0;
  for (; rate !== 1 || tookS === 0; tookS += 0.25) {
    const next = liveRate(rate, { behindS, inHandS: 5, targetDurationS: 2 });
    expect(next).not.toBe('jump');
    rate = next as number;
    behindS -= (rate - 1) * 0.25;
  }
  expect(behindS).toBeLessThan(0.1);
  expect(behindS).toBeGreaterThan(0);
  expect(tookS).toBeLessThan(40);
});

test('lumps are no delay, too little in hand is not played faster, and what is far is jumped', () => {
  const calm = { behindS: 1.5, inHandS: 6, targetDurationS: 4 };
  expect(liveRate(1, calm)).toBe(1);
  expect(liveRate(1, { ...calm, behindS: 2.5 })).toBe(FASTER);
  expect(liveRate(FASTER, { ...calm, behindS: 2.5, inHandS: 3 })).toBe(1);
  expect(liveRate(1, { ...calm, behindS: 12.5 })).toBe('jump');
});

test('who goes back in the show is left there until back at live', () => {
  expect(followsLive(true, -20, 20)).toBe(false);
  expect(followsLive(false, 5, 15)).toBe(false);
  expect(followsLive(false, 15, 0)).toBe(true);
  expect(followsLive(true, 0.1, 4)).toBe(true); // over a hole, late by stalls
});
