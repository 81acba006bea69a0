import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { approachOffsetUs, bestOffsetUs, targetOffsetUs } from './clock-offset.ts';

describe('offset of a burst', () => {
  test('is that of the shortest round trip', () => {
    const samples = [
      { sentUs: 0, receivedUs: 5_000, engineUs: 1_004_900 },
      { sentUs: 10_000, receivedUs: 10_400, engineUs: 1_010_200 },
      { sentUs: 20_000, receivedUs: 60_000, engineUs: 1_021_000 },
    ];
    expect(bestOffsetUs(samples)).toBe(1_000_000);
    expect(bestOffsetUs([])).toBeNull();
  });

  test('property: is within half the shortest round trip of the truth', () => {
    const leg = fc.integer({ min: 20, max: 50_000 });
    fc.assert(
      fc.property(fc.integer({ min: -1e12, max: 1e12 }), fc.array(fc.tuple(leg, leg), { minLength: 1, maxLength: 8 }), (truthUs, legs) => {
        const samples = legs.map(([out, back], index) => ({
          sentUs: index * 1e5,
          receivedUs: index * 1e5 + out + back,
          engineUs: index * 1e5 + out + truthUs,
        }));
        const shortest = Math.min(...legs.map(([out, back]) => out + back));
        expect(Math.abs((bestOffsetUs(samples) ?? Number.NaN) - truthUs)).toBeLessThanOrEqual(shortest / 2);
      }),
    );
  });
});

describe('where to go', () => {
  const slow = { sentUs: 0, receivedUs: 300_000, engineUs: 1_290_000 }; // 1,140,000 by the middle
  const quick = { sentUs: 0, receivedUs: 1_000, engineUs: 1_000_500 };

  test('a clock that a slow answer does not contradict stays', () => {
    expect(targetOffsetUs(1_000_000, [slow])).toBe(1_000_000);
    expect(targetOffsetUs(1_000_400, [slow, quick])).toBe(1_000_400);
    expect(targetOffsetUs(0, [])).toBeNull();
  });

  test('one that it does contradict follows the quickest', () => {
    expect(targetOffsetUs(0, [slow])).toBe(1_140_000);
    expect(targetOffsetUs(1_002_000, [slow, quick])).toBe(1_000_000);
  });
});

describe('approach', () => {
  test('small errors are worked off at 500 ppm, without overshoot', () => {
    expect(approachOffsetUs(0, 1_000, 100_000)).toBe(50);
    expect(approachOffsetUs(0, -1_000, 100_000)).toBe(-50);
    expect(approachOffsetUs(0, 20, 100_000)).toBe(20);
  });

  test('another epoch is a step', () => {
    expect(approachOffsetUs(0, 3_600_000_000, 100_000)).toBe(3_600_000_000);
  });
});
