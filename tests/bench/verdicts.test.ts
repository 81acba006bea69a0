import { expect, test } from 'vitest';
import { ENCODE_BOUNDS, PIPELINE_BOUNDS } from './bounds.ts';
import type { BenchRow } from './harness.ts';
import { formatVerdicts, withinBounds } from './verdicts.ts';

const row = (name: string, metric: string, value: number): BenchRow => ({ case: name, metric, value, unit: '×' });
const good = { cpuRatio: 1.05, rssGrowthMiB: -20, loopDelayP99Ms: 15 };
const encode = (name: string, changes: Partial<typeof good> = {}) =>
  Object.entries({ ...good, ...changes }).map(([metric, value]) => row(name, metric, value));

test.each([
  ['what the issue asks for', {}, []],
  ['a ratio above', { cpuRatio: 1.051 }, ['cpuRatio']],
  ['memory that grows', { rssGrowthMiB: 33 }, ['rssGrowthMiB']],
  ['an event loop that is late', { loopDelayP99Ms: 15.1 }, ['loopDelayP99Ms']],
] as const)('bench:encode, %s', (_, changes, fails) => {
  const found = withinBounds(encode('x264-veryfast@720p', changes), ENCODE_BOUNDS);
  expect(found).toHaveLength(3);
  expect(found.filter(({ holds }) => !holds).map(({ text }) => text.split(' ')[1])).toEqual(fails);
});

test('three renditions may cost more, cases that were not run are not asked about, and what is missing does not hold', () => {
  expect(withinBounds(encode('three-renditions', { cpuRatio: 1.08 }), ENCODE_BOUNDS).every(({ holds }) => holds)).toBe(true);
  expect(withinBounds([], PIPELINE_BOUNDS)).toEqual([]);
  const late = withinBounds([row('s@720p30', 'framesLatePct', 2.5)], PIPELINE_BOUNDS);
  expect(formatVerdicts(late)).toBe(
    'FAILS  s@720p30: framesLatePct 2.5 ×, at most 2\nFAILS  s@720p30: encodeCpuRatio not measured, at most 1.05',
  );
});
