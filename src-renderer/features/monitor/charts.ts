/** What the monitor draws, and how its figures are written. */
import { METRICS, type MetricName } from '../../../src-shared/domain/index.ts';
import { formatBitrate } from '../../ui/format.ts';

export interface ChartKind {
  id: string;
  /** the first is drawn above the others */
  metrics: readonly MetricName[];
}

export const CHARTS = [
  { id: 'viewers', metrics: ['viewers', 'viewersFlv', 'viewersHls', 'viewersRtmp', 'publishers'] },
  { id: 'bandwidth', metrics: ['serverOutKbps', 'serverInKbps', 'uplinkKbps'] },
  { id: 'cpu', metrics: ['encoderCpuPct', 'engineCpuPct', 'serverCpuPct'] },
  { id: 'memory', metrics: ['encoderMiB', 'engineMiB', 'serverMiB', 'pageMiB'] },
  { id: 'delay', metrics: ['uplinkQueueMs', 'viewerQueueMs', 'serverLoopMs'] },
  { id: 'drops', metrics: ['droppedPerMin', 'latePerMin'] },
  { id: 'breaks', metrics: ['stallsPerMin', 'reconnectsPerMin'] },
  { id: 'startup', metrics: ['startupMs', 'startupWorstMs'] },
  { id: 'glass', metrics: ['glassMs', 'glassWorstMs'] },
  { id: 'stalled', metrics: ['stalledPct', 'stalledWorstPct'] },
] as const satisfies readonly ChartKind[];

export type ChartId = (typeof CHARTS)[number]['id'];

/** By a line's place in its chart: colour alone does not tell them apart, so each but the first is dashed in its own way. */
export const LINES: readonly { colour: string; dash: readonly number[] }[] = [
  { colour: '--accent-text', dash: [] },
  { colour: '--warning-text', dash: [6, 3] },
  { colour: '--rehearsal-text', dash: [2, 3] },
  { colour: '--good-text', dash: [9, 3, 2, 3] },
  { colour: '--text-soft', dash: [1, 4] },
];

export const UNIT_WORDS = { count: '', kbps: 'kbps', percent: '%', MiB: 'MiB', ms: 'ms', 'per-min': '/min' } as const;

/** For an axis: short, without the unit's full name. */
export function formatTick(name: MetricName, value: number, language: string): string {
  const compact = value.toLocaleString(language, { notation: 'compact', maximumFractionDigits: 1 });
  if (METRICS[name].unit === 'kbps')
    return value >= 1_000 ? `${(value / 1_000).toLocaleString(language, { maximumFractionDigits: 1 })} M` : `${compact} k`;
  return METRICS[name].unit === 'percent' ? `${compact} %` : compact;
}

export function formatMetric(name: MetricName, value: number, language: string): string {
  const { unit } = METRICS[name];
  if (unit === 'kbps') return formatBitrate(value, language);
  if (unit === 'ms' && value >= 10_000) return `${(value / 1_000).toLocaleString(language, { maximumFractionDigits: 1 })} s`;
  const digits = unit === 'percent' && value < 10 ? 1 : 0;
  return `${value.toLocaleString(language, { maximumFractionDigits: digits })} ${UNIT_WORDS[unit]}`.trim();
}
