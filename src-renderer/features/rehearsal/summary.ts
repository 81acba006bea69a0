/** What a network rehearsal has shown, in a few figures and one verdict. Pure. */
import type { RatePolicy } from '../../../src-shared/domain/index.ts';
import type { RunSample } from './run.ts';

/** From worst to best, but for what says little: `short`, and `still`, when the picture hardly moved. */
type Verdict = 'short' | 'still' | 'interrupted' | 'dropped' | 'late' | 'lowered' | 'clean';

export interface Summary {
  verdict: Verdict;
  advice: 'follow' | 'floor' | 'size' | 'move' | null;
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
/** A picture that fills less of its rate than this hardly moves. */
const STILL = 0.4;
const NEAR = 1.1;
const LOW_FLOOR_KBPS = 300;

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
  const verdict = verdictOf(figures, Math.max(...live.map(({ ceilingKbps }) => ceilingKbps)), isStill(live));
  return { ...figures, verdict, advice: adviceOn(verdict, policy, figures.lowestKbps) };
}

/** Whether the picture asks too little of the link to say anything; seconds in which the link was in the way do not count. */
export function isStill(samples: readonly RunSample[]): boolean {
  const free = samples.filter(({ isLive, capacityKbps, targetKbps }) => isLive && capacityKbps > targetKbps);
  return free.length > 0 && sum(free, 'bitrateKbps') < STILL * sum(free, 'targetKbps');
}

function verdictOf(figures: Omit<Summary, 'verdict' | 'advice'>, ceilingKbps: number, still: boolean): Verdict {
  const { durationS, reconnects, downS, droppedPct, longestDelayMs, lowestKbps } = figures;
  if (reconnects > 0 || downS > 0) return 'interrupted';
  if (durationS < SHORT_S) return 'short';
  if (still) return 'still';
  if (droppedPct > MANY_DROPPED_PCT) return 'dropped';
  if (longestDelayMs > LATE_MS) return 'late';
  return lowestKbps < ceilingKbps * LOWERED ? 'lowered' : 'clean';
}

/** What would help, where settings can. */
function adviceOn(verdict: Verdict, { mode, floorKbps, allowSizeChange }: RatePolicy, lowestKbps: number): Summary['advice'] {
  if (verdict === 'still') return 'move';
  if (verdict !== 'dropped' && verdict !== 'late') return null;
  if (mode === 'fixed') return 'follow';
  if (lowestKbps > floorKbps * NEAR) return null; // the floor was not in the way
  if (floorKbps > LOW_FLOOR_KBPS) return 'floor';
  return allowSizeChange ? null : 'size';
}

function sum(samples: readonly RunSample[], key: 'dropped' | 'sent' | 'bitrateKbps' | 'targetKbps'): number {
  return samples.reduce((total, sample) => total + sample[key], 0);
}
