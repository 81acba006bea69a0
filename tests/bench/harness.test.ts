import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, expect, test, vi } from 'vitest';
import { type BenchCase, formatTable, median, mediansOf, runBench } from './harness.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
  vi.restoreAllMocks();
});

/** A case that measures 10, 30, 20, … and notes each of its runs. */
function countingCase(name: string, log: string[], main = true): BenchCase {
  return {
    name,
    main,
    run: async ({ round, quick }) => {
      log.push(`${name}${round}${quick ? ' quick' : ''}`);
      return [{ metric: 'spent', value: [10, 30, 20][round] ?? 0, unit: 'ms' }];
    },
  };
}

test.each([
  [[3], 3],
  [[5, 1, 3], 3],
  [[4, 1, 3, 2], 2.5],
])('the median of %j is %d', (values, middle) => {
  expect(median(values)).toBe(middle);
});

test('property: half of the values lie on either side of the median', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -1e6, max: 1e6 }), { minLength: 1 }), (values) => {
      const middle = median(values);
      expect(values.filter((value) => value < middle).length).toBeLessThanOrEqual(values.length / 2);
      expect(values.filter((value) => value > middle).length).toBeLessThanOrEqual(values.length / 2);
    }),
  );
});

test('medians keep cases and metrics apart', () => {
  const row = (name: string, metric: string, value: number) => ({ case: name, metric, value, unit: 'ms' });
  expect(mediansOf([row('a', 'x', 1), row('b', 'x', 9), row('a', 'y', 5), row('a', 'x', 3)])).toEqual([
    row('a', 'x', 2),
    row('b', 'x', 9),
    row('a', 'y', 5),
  ]);
});

test('cases are interleaved over three rounds, and the report goes to the file', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  folders.push(folder);
  vi.spyOn(console, 'log').mockImplementation(() => {});
  const log: string[] = [];
  const report = await runBench({ name: 'demo', runs: 1, cases: [countingCase('ours', log), countingCase('peer', log)] }, [
    '--json',
    join(folder, 'r.json'),
  ]);

  expect(log).toEqual(['ours0', 'peer0', 'ours1', 'peer1', 'ours2', 'peer2']);
  expect(report.rows).toEqual([
    { case: 'ours', metric: 'spent', value: 20, unit: 'ms' },
    { case: 'peer', metric: 'spent', value: 20, unit: 'ms' },
  ]);
  expect(JSON.parse(readFileSync(join(folder, 'r.json'), 'utf8'))).toEqual(report);
  expect(report).toMatchObject({ bench: 'demo', quick: false, machine: { cores: expect.any(Number) } });
});

test('--quick runs the main cases once, --case picks one', async () => {
  vi.spyOn(console, 'log').mockImplementation(() => {});
  const log: string[] = [];
  const bench = { name: 'demo', cases: [countingCase('main', log), countingCase('extra', log, false)] };
  await runBench(bench, ['--quick']);
  expect(log).toEqual(['main0 quick']);
  log.length = 0;
  await runBench(bench, ['--quick', '--case', 'extra']);
  expect(log).toEqual(['extra0 quick']);
  await expect(runBench(bench, ['--case', 'none'])).rejects.toThrow('main, extra');
});

test('the table lines up', () => {
  expect(formatTable([{ case: 's@720p30', metric: 'composeMs', value: 4.70001, unit: 'ms' }])).toBe(
    'case      metric     value  unit\ns@720p30  composeMs    4.7  ms',
  );
});
