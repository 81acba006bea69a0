import { describe, expect, test } from 'vitest';
import { FLUID, percentile, runFluid } from './fluid-link.ts';
import { tidecast } from './tidecast.ts';

/** 20 s each at 6, 1.5 and 6 Mbps. */
const stepLink = (atS: number) => (atS < 20 || atS >= 40 ? 6_000 : 1_500);

describe('tidecast', () => {
  test('a fall of the link to a quarter: at or under it in a second, delay bounded, back in 15 s', () => {
    const { frames, rates, framesDropped, framesOffered } = runFluid(tidecast, { linkKbps: stepLink });
    const after = frames.filter(({ atS }) => atS >= 20).map(({ delayMs }) => delayMs);
    const { otherKbps, ceilingKbps } = FLUID.limits;
    expect(rates.find(({ atS }) => atS >= 21)?.videoKbps).toBeLessThanOrEqual(1_500 - otherKbps);
    expect(percentile(after, 0.95)).toBeLessThanOrEqual(700);
    expect(percentile(after, 1)).toBeLessThanOrEqual(1_500);
    expect(framesDropped / framesOffered).toBeLessThanOrEqual(0.02);
    expect(rates.find(({ atS }) => atS >= 51)?.videoKbps).toBeGreaterThanOrEqual(0.9 * ceilingKbps);
  });
});
