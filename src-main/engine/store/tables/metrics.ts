/** Figures of the past: one each 10 s for a day, one each 5 min for 30 days. What is older is forgotten, so the table does not grow. */
import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import { foldSamples, METRIC_NAMES, type MetricSample, thinSamples } from '../../../../src-shared/domain/index.ts';
import { fromJson, type JsonRow } from '../json-rows.ts';
import type { CallsOf, Handlers } from './handlers.ts';

const FINE_S = 10;
const COARSE_S = 300;
const FINE_KEPT_MS = 24 * 3_600_000;
const COARSE_KEPT_MS = 30 * 24 * 3_600_000;

type Row = JsonRow & { at_ms: number };

export function metricHandlers(database: Database): Handlers<CallsOf<'metrics'>> {
  const put = database.prepare<[number, number, string]>('INSERT OR REPLACE INTO metric_samples (step_s, at_ms, json) VALUES (?, ?, ?)');
  const between = database.prepare<[number, number, number], Row>(
    'SELECT at_ms, json FROM metric_samples WHERE step_s = ? AND at_ms >= ? AND at_ms < ? ORDER BY at_ms',
  );
  const newest = database.prepare<[number]>('SELECT max(at_ms) FROM metric_samples WHERE step_s = ?').pluck();
  const oldest = database.prepare<[number]>('SELECT min(at_ms) FROM metric_samples WHERE step_s = ?').pluck();
  const forget = database.prepare<[number, number]>('DELETE FROM metric_samples WHERE step_s = ? AND at_ms < ?');
  const read = (stepS: number, fromMs: number, toMs: number) => between.all(stepS, fromMs, toMs).map(toSample);

  /** Every whole five minutes that have fine samples and no coarse one yet; those of a run before, too. */
  const coarsen = (nowMs: number) => {
    const last = newest.get(COARSE_S) as number | null;
    const fromMs = last === null ? 0 : last + COARSE_S * 1_000;
    const groups = Map.groupBy(read(FINE_S, fromMs, floor(nowMs, COARSE_S)), ({ atMs }) => floor(atMs, COARSE_S));
    for (const [atMs, samples] of groups) put.run(COARSE_S, atMs, JSON.stringify(foldSamples(samples).values));
  };

  const add = database.transaction(({ atMs, values }: MetricSample) => {
    put.run(FINE_S, floor(atMs, FINE_S), JSON.stringify(values));
    coarsen(atMs);
    forget.run(FINE_S, atMs - FINE_KEPT_MS);
    forget.run(COARSE_S, atMs - COARSE_KEPT_MS);
  });

  return {
    'metrics.add': (sample) => add(sample),
    'metrics.range': ({ fromMs, toMs, most }) => {
      const fineFromMs = (oldest.get(FINE_S) as number | null) ?? toMs;
      const isFine = fromMs >= fineFromMs || toMs - fromMs <= FINE_KEPT_MS / 4;
      const fine = read(FINE_S, isFine ? fromMs : Math.max(fromMs, fineFromMs), toMs);
      if (isFine && fine.length > 0) return thinSamples(fine, most);
      const coarse = read(COARSE_S, floor(fromMs, COARSE_S), toMs);
      const sinceMs = coarse.at(-1)?.atMs ?? 0;
      return thinSamples([...coarse, ...fine.filter(({ atMs }) => atMs >= sinceMs + COARSE_S * 1_000)], most);
    },
  };
}

const floor = (atMs: number, stepS: number) => Math.floor(atMs / (stepS * 1_000)) * stepS * 1_000;

/** Figures that this version does not know are left out. */
function toSample(row: Row): MetricSample {
  const kept = fromJson(z.record(z.string(), z.number()), row);
  const known = METRIC_NAMES.flatMap((name) => (kept[name] === undefined ? [] : [[name, kept[name]] as const]));
  return { atMs: row.at_ms, values: Object.fromEntries(known) };
}
