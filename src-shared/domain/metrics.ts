/** The figures that are charted, kept, and watched by alert rules: one flat list, so that all three speak of the same. */
import { z } from 'zod';

/** How several values become one: a worst case must survive it, a load is an average. */
type Fold = 'mean' | 'max';

interface MetricKind {
  unit: 'count' | 'kbps' | 'percent' | 'MiB' | 'ms' | 'per-min';
  fold: Fold;
}

/** Rates a minute count what came in the last 60 s. */
export const METRICS = {
  /** streams that are being published to the live server */
  publishers: { unit: 'count', fold: 'max' },
  viewers: { unit: 'count', fold: 'max' },
  viewersFlv: { unit: 'count', fold: 'max' },
  viewersHls: { unit: 'count', fold: 'max' },
  viewersRtmp: { unit: 'count', fold: 'max' },
  /** to all destinations together */
  uplinkKbps: { unit: 'kbps', fold: 'mean' },
  serverInKbps: { unit: 'kbps', fold: 'mean' },
  serverOutKbps: { unit: 'kbps', fold: 'mean' },
  /** of one core */
  engineCpuPct: { unit: 'percent', fold: 'mean' },
  encoderCpuPct: { unit: 'percent', fold: 'mean' },
  serverCpuPct: { unit: 'percent', fold: 'mean' },
  engineMiB: { unit: 'MiB', fold: 'max' },
  encoderMiB: { unit: 'MiB', fold: 'max' },
  serverMiB: { unit: 'MiB', fold: 'max' },
  /** JavaScript's memory of the studio's page; where the browser tells */
  pageMiB: { unit: 'MiB', fold: 'max' },
  /** media waiting for the slowest destination */
  uplinkQueueMs: { unit: 'ms', fold: 'max' },
  /** media waiting for the slowest viewer */
  viewerQueueMs: { unit: 'ms', fold: 'max' },
  /** how late the live server's event loop is, 99th percentile */
  serverLoopMs: { unit: 'ms', fold: 'max' },
  /** pictures that destinations or viewers went without */
  droppedPerMin: { unit: 'per-min', fold: 'max' },
  /** pictures that came too late for the encoder */
  latePerMin: { unit: 'per-min', fold: 'max' },
  /** of the viewers' players */
  stallsPerMin: { unit: 'per-min', fold: 'max' },
  /** of destinations and of the viewers' players */
  reconnectsPerMin: { unit: 'per-min', fold: 'max' },
  // what viewers' players tell: the median of them, and the worst one
  startupMs: { unit: 'ms', fold: 'mean' },
  startupWorstMs: { unit: 'ms', fold: 'max' },
  glassMs: { unit: 'ms', fold: 'mean' },
  glassWorstMs: { unit: 'ms', fold: 'max' },
  /** of the time since a player started */
  stalledPct: { unit: 'percent', fold: 'mean' },
  stalledWorstPct: { unit: 'percent', fold: 'max' },
} as const satisfies Record<string, MetricKind>;

export type MetricName = keyof typeof METRICS;
export const METRIC_NAMES = Object.keys(METRICS) as MetricName[];
export const MetricName = z.enum(METRIC_NAMES as [MetricName, ...MetricName[]]);

/** What is not known is left out. */
export const MetricValues = z.partialRecord(MetricName, z.number());
export type MetricValues = z.infer<typeof MetricValues>;

export const MetricSample = z.strictObject({ atMs: z.number(), values: MetricValues });
export type MetricSample = z.infer<typeof MetricSample>;

/** Several samples as one, at the time of the first. @throws RangeError for none */
export function foldSamples(samples: readonly MetricSample[], atMs = samples[0]?.atMs): MetricSample {
  if (atMs === undefined) throw new RangeError('No samples to fold.');
  const values: MetricValues = {};
  for (const name of METRIC_NAMES) {
    const known = samples.flatMap(({ values: { [name]: value } }) => value ?? []);
    if (known.length > 0) values[name] = METRICS[name].fold === 'max' ? Math.max(...known) : mean(known);
  }
  return { atMs, values };
}

/** At most so many samples, by folding neighbours: a chart has no more pixels. */
export function thinSamples(samples: readonly MetricSample[], most: number): MetricSample[] {
  const each = Math.ceil(samples.length / most);
  if (each <= 1) return [...samples];
  return Array.from({ length: Math.ceil(samples.length / each) }, (_, i) => foldSamples(samples.slice(i * each, (i + 1) * each)));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
