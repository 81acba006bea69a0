import Sqlite from 'better-sqlite3';
import { expect, test } from 'vitest';
import { migrate } from '../migrate.ts';
import { MIGRATIONS } from '../migrations/index.ts';
import { metricHandlers } from './metrics.ts';

const HOUR_MS = 3_600_000;
const BEGIN_MS = 1_800_000_000_000; // a whole five minutes

function setUp() {
  const database = new Sqlite(':memory:');
  migrate(database, MIGRATIONS, () => {});
  const handlers = metricHandlers(database);
  const add = (atMs: number, viewers: number, engineCpuPct = 10) => handlers['metrics.add']({ atMs, values: { viewers, engineCpuPct } });
  const range = (fromMs: number, toMs: number, most = 1_000) => handlers['metrics.range']({ fromMs, toMs, most });
  const count = (stepS: number) => database.prepare('SELECT count(*) FROM metric_samples WHERE step_s = ?').pluck().get(stepS) as number;
  return { add, range, count };
}

test('what was added comes back by its time, thinned to what was asked for', () => {
  const { add, range } = setUp();
  for (let i = 0; i < 60; i += 1) add(BEGIN_MS + i * 10_000 + 3, i);
  expect(range(BEGIN_MS + 100_000, BEGIN_MS + 130_000).map(({ atMs, values }) => [atMs - BEGIN_MS, values.viewers])).toEqual([
    [100_000, 10],
    [110_000, 11],
    [120_000, 12],
  ]);
  const thin = range(BEGIN_MS, BEGIN_MS + HOUR_MS, 10);
  expect(thin).toHaveLength(10);
  expect(thin.at(-1)?.values.viewers).toBe(59);
});

test('five minutes become one sample once they are over, also those of a run before', () => {
  const { add, range } = setUp();
  for (let i = 0; i < 30; i += 1) add(BEGIN_MS + i * 10_000, i, i);
  const laterMs = BEGIN_MS + 40 * HOUR_MS;
  add(laterMs, 1);
  const [coarse] = range(BEGIN_MS, BEGIN_MS + 30 * HOUR_MS);
  expect(coarse).toEqual({ atMs: BEGIN_MS, values: { viewers: 29, engineCpuPct: 14.5 } });
});

test('neither table grows without bound', () => {
  const { add, count } = setUp();
  for (let hour = 0; hour < 40 * 24; hour += 1) add(BEGIN_MS + hour * HOUR_MS, 1);
  expect(count(10)).toBe(24 + 1);
  expect(count(300)).toBe(30 * 24);
});

test('a clock that was set back does no harm', () => {
  const { add, range } = setUp();
  add(BEGIN_MS + HOUR_MS, 5);
  add(BEGIN_MS, 3);
  expect(range(BEGIN_MS, BEGIN_MS + 2 * HOUR_MS).map(({ values }) => values.viewers)).toEqual([3, 5]);
});
