import fc from 'fast-check';
import { expect, test } from 'vitest';
import { foldSamples, METRIC_NAMES, METRICS, type MetricSample, thinSamples } from './metrics.ts';

const value = fc.double({ min: 0, max: 1e9, noNaN: true });
const sample = fc.record({ atMs: fc.nat(), values: fc.dictionary(fc.constantFrom(...METRIC_NAMES), value) }) as fc.Arbitrary<MetricSample>;

test('loads are averaged, worst cases survive, what nobody knows is left out', () => {
  const folded = foldSamples([
    { atMs: 10, values: { engineCpuPct: 10, viewers: 3 } },
    { atMs: 20, values: { engineCpuPct: 30, viewers: 5, glassMs: 700 } },
  ]);
  expect(folded).toEqual({ atMs: 10, values: { engineCpuPct: 20, viewers: 5, glassMs: 700 } });
});

test('property: thinning keeps the order, the bound in number, and the maximum of every worst case', () => {
  fc.assert(
    fc.property(fc.array(sample, { maxLength: 60 }), fc.integer({ min: 1, max: 20 }), (samples, most) => {
      const thin = thinSamples(samples, most);
      expect(thin.length).toBeLessThanOrEqual(most);
      expect(thin.length > 0).toBe(samples.length > 0);
      for (const name of METRIC_NAMES.filter((one) => METRICS[one].fold === 'max')) {
        const highest = (of: readonly MetricSample[]) => Math.max(-1, ...of.map(({ values }) => values[name] ?? -1));
        expect(highest(thin)).toBe(highest(samples));
      }
    }),
  );
});
