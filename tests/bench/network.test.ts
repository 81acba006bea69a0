import { expect, test } from 'vitest';
import { contender } from '../lab/controllers/contenders.ts';
import { constantLink } from '../lab/links.ts';
import type { BenchRow } from './harness.ts';
import { simulatedCase } from './network-cases.ts';
import { takeOption } from './network-options.ts';
import { formatNetwork } from './network-table.ts';
import { verdicts } from './network-verdicts.ts';
import { formatVerdicts } from './verdicts.ts';

const row = (name: string, metric: string, value: number, unit = 'ms'): BenchRow => ({ case: name, metric, value, unit });

test('a simulated case measures what the issue asks, and the same again in the same round', async () => {
  const link = { ...constantLink(3_000), durationMs: 5_000 };
  const { name, run } = simulatedCase(link, contender('fixed'));
  const rows = await run({ quick: true, round: 0 });
  expect(name).toBe('constant-3000/fixed');
  expect(rows.map(({ metric }) => metric)).toEqual(
    expect.arrayContaining([
      'utilisation',
      'delayP50Ms',
      'delayP95Ms',
      'delayMaxMs',
      'framesDroppedPct',
      'audioLost',
      'rateChangesPerMin',
      'freezes',
    ]),
  );
  expect(rows.map(({ metric }) => metric)).not.toContain('reactMs'); // the link never falls
  expect(await run({ quick: true, round: 0 })).toEqual(rows);
  expect(await run({ quick: true, round: 1 })).not.toEqual(rows);
});

test('controllers stand side by side under their link', () => {
  const table = formatNetwork([
    row('a/b/fixed', 'delayP95Ms', 1_234.5),
    row('a/b/fixed', 'freezes', 3, 'gaps'),
    row('a/b/ours', 'delayP95Ms', 0.519),
  ]);
  expect(table.split('\n').map((line) => line.split(/\s{2,}/).slice(-3))).toEqual([
    ['a/b', 'fixed', 'ours'],
    ['delayP95Ms, ms', '1235', '0.52'],
    ['freezes, gaps', '3', '-'],
  ]);
});

test.each([
  [400, 0.9, 2, ['holds', 'holds', 'holds']],
  [501, 0.9, 2, ['FAILS', 'holds', 'holds']],
  [400, 0.79, 2, ['holds', 'FAILS', 'holds']],
  [400, 0.9, 3, ['holds', 'holds', 'FAILS']],
])('over all traces means are compared: p95 %d ms, utilisation %d, freezes %d', (delay, use, freezes, expected) => {
  const rows = ['x', 'y'].flatMap((link, index) => [
    row(`${link}/obs-dbr`, 'delayP95Ms', index === 0 ? 500 : 1_500),
    row(`${link}/obs-dbr`, 'utilisation', 0.8),
    row(`${link}/obs-dbr`, 'freezes', 5),
    row(`${link}/tidecast`, 'delayP95Ms', index === 0 ? delay - 100 : delay + 100),
    row(`${link}/tidecast`, 'utilisation', use),
    row(`${link}/tidecast`, 'freezes', freezes),
  ]);
  expect(verdicts(rows, ['x', 'y']).map(({ holds }) => (holds ? 'holds' : 'FAILS'))).toEqual(expected);
});

test('a constant link is judged by its name, and what was not run is not judged', () => {
  const found = verdicts([row('constant-3000/tidecast', 'utilisation', 0.96), row('constant-3000/tidecast', 'rateChangesPerMin', 3)], []);
  expect(formatVerdicts(found)).toBe(
    'FAILS  constant-3000: rateChangesPerMin 3, at most 2\nholds  constant-3000: utilisation 0.96, at least 0.95',
  );
});

test.each([
  [['--quick', '--traces', 'dir', '--json', 'f'], 'dir', ['--quick', '--json', 'f']],
  [['--traces=dir'], 'dir', []],
  [['--quick'], undefined, ['--quick']],
])('%j gives the folder and leaves the rest', (args, value, rest) => {
  expect(takeOption(args, '--traces')).toEqual({ value, rest });
});

test('an option without its value is refused', () => {
  expect(() => takeOption(['--traces'], '--traces')).toThrow('--traces needs a value');
});
