/** What a network rehearsal has shown, in a few figures and one verdict. Pure. */
import type { RatePolicy } from '../../../src-shared/domain/index.ts';
import type { RunSample } from './run.ts';

/** From worst to best, but for `short`: too short to say. */
export type Verdict = 'short' | 'interrupted' | 'dropped' | 'late' | 'lowered' | 'clean';

export interface Summary {
  verdict: Verdict;
  advice: 'follow' | 'floor' | 'size' | null;
  durationS: number;
  lowestKbps: number;
  longestDelayMs: number;
  dropped: number;
  droppedPct: number;
  reconnects: number;
  /** without a connection, once there had been one */
  downS: number;
}

const SHORT_S = 10;
const MANY_DROPPED_PCT = 2;
const LATE_MS = 1_500;
const LOWERED = 0.9;

/** @param samples one a second. @returns null while there has been no connection */
export function summarise(samples: readonly RunSample[], policy: RatePolicy): Summary | null {
  const first = samples.findIndex(({ isLive }) => isLive);
  const shown = first < 0 ? [] : samples.slice(first);
  const start = shown[0];
  const end = shown.at(-1);
  if (!start || !end) return null;
  const live = shown.filter(({ isLive }) => isLive);
  const dropped = sum(shown, 'dropped');
  const total = dropped + sum(shown, 'sent');
  const figures = {
    durationS: Math.round((end.timeUs - start.timeUs) / 1_000_000),
    lowestKbps: Math.min(...live.map(({ targetKbps }) => targetKbps)),
    longestDelayMs: Math.max(...live.map(({ delayMs }) => delayMs)),
    dropped,
    droppedPct: total > 0 ? (100 * dropped) / total : 0,
    reconnects: Math.max(...shown.map(({ reconnects }) => reconnects)),
    downS: shown.length - live.length,
  };
  const verdict = verdictOf(figures, Math.max(...live.map(({ ceilingKbps }) => ceilingKbps)));
  return { ...figures, verdict, advice: adviceOn(verdict, policy) };
}

function verdictOf(figures: Omit<Summary, 'verdict' | 'advice'>, ceilingKbps: number): Verdict {
  const { durationS, reconnects, downS, droppedPct, longestDelayMs, lowestKbps } = figures;
  if (reconnects > 0 || downS > 0) return 'interrupted';
  if (durationS < SHORT_S) return 'short';
  if (droppedPct > MANY_DROPPED_PCT) return 'dropped';
  if (longestDelayMs > LATE_MS) return 'late';
  return lowestKbps < ceilingKbps * LOWERED ? 'lowered' : 'clean';
}

/** What would help, where settings can. */
function adviceOn(verdict: Verdict, { mode, floorKbps, allowSizeChange }: RatePolicy): Summary['advice'] {
  if (verdict !== 'dropped' && verdict !== 'late') return null;
  if (mode === 'fixed') return 'follow';
  if (floorKbps > 300) return 'floor';
  return allowSizeChange ? null : 'size';
}

function sum(samples: readonly RunSample[], key: 'dropped' | 'sent'): number {
  return samples.reduce((total, sample) => total + sample[key], 0);
}
