import { expect, test } from 'vitest';
import { METRIC_NAMES } from '../../../src-shared/domain/index.ts';
import { CHARTS, formatMetric, formatTick, LINES } from './charts.ts';

test('each figure is in one chart, and every chart has enough kinds of lines', () => {
  expect(CHARTS.flatMap(({ metrics }) => [...metrics]).toSorted()).toEqual(METRIC_NAMES.toSorted());
  expect(Math.max(...CHARTS.map(({ metrics }) => metrics.length))).toBeLessThanOrEqual(LINES.length);
});

test.each([
  ['viewers', 1_234, '1,234'],
  ['serverOutKbps', 200_000, '200.0 Mbps'],
  ['serverCpuPct', 4.26, '4.3 %'],
  ['engineMiB', 182.4, '182 MiB'],
  ['glassMs', 642.7, '643 ms'],
  ['startupWorstMs', 12_340, '12.3 s'],
  ['stallsPerMin', 3, '3 /min'],
] as const)('%s %d', (name, value, text) => {
  expect(formatMetric(name, value, 'en')).toBe(text);
});

test.each([
  ['serverOutKbps', 200_000, '200 M'],
  ['serverOutKbps', 500, '500 k'],
  ['engineCpuPct', 50, '50 %'],
  ['glassMs', 12_000, '12K'],
] as const)('on an axis, %s %d', (name, value, text) => {
  expect(formatTick(name, value, 'en')).toBe(text);
});
