import { expect, test } from 'vitest';
import type { BenchRow } from './harness.ts';
import { serverVerdicts } from './server-verdicts.ts';

const row = (server: string, metric: string, value: number): BenchRow => ({ case: server, metric, value, unit: '' });
const good = [
  row('tidecast', 'viewersPerCore', 2_000),
  row('node-media-server', 'viewersPerCore', 900),
  row('tidecast', 'stalls', 0),
  row('tidecast', 'rtmpStalls', 0),
  row('tidecast', 'slowOthersStalls', 0),
];
const flat = [{ server: 'tidecast', curveMiB: [80, 100, 110, 112, 112, 113] }];
const holds = (rows: BenchRow[], curves = flat, quick = false) => serverVerdicts(rows, curves, quick).map((one) => one.holds);

test('all that is asked is judged', () => {
  expect(holds(good)).toEqual([true, true, true, true, true, true]);
});

test.each([
  ['stalls', 1],
  ['viewersPerCore', 1_700],
  ['slowOthersStalls', 2],
])('%s of %d fails', (metric, value) => {
  const rows = good.map((one) => (one.case === 'tidecast' && one.metric === metric ? { ...one, value } : one));
  expect(holds(rows).filter((one) => !one)).toHaveLength(1);
});

test('memory that goes on rising fails, and so does too much of it', () => {
  expect(holds(good, [{ server: 'tidecast', curveMiB: [80, 90, 100, 110, 120, 130] }])).toEqual([true, true, true, true, true, false]);
  expect(holds(good, [{ server: 'tidecast', curveMiB: [80, 300] }], true)).toEqual([true, true, true, true, false]);
});

test('without the peer nothing is compared', () => {
  expect(serverVerdicts([row('tidecast', 'viewersPerCore', 1)], [], false)).toEqual([]);
});
