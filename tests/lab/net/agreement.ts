/** The same show on real sockets and in the simulator: how far they are from each other. */
import { median } from '../../bench/harness.ts';
import { contender } from '../controllers/contenders.ts';
import { type Judgement, judge } from '../judge.ts';
import type { LabLink } from '../links.ts';
import { OTHER_KBPS } from '../sim/encoder.ts';
import { showOf, simulate } from '../sim/simulate.ts';
import { playShow } from './play-show.ts';

export type Compared = Pick<Judgement, 'utilisation' | 'delayP95Ms' | 'framesDroppedPct'>;

export interface Agreement {
  real: Compared;
  simulated: Compared;
  /** of the real one */
  utilisationShare: number;
  delayP95Ms: number;
}

/** the rate policy's default */
const FLOOR_KBPS = 300;

/** Shows differ, the real ones as much as the simulator's do by their seeds: of both, the medians. */
const REAL_SHOWS = 3;
const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8, 9];

/** @param ceilingKbps of the video */
export async function agreement(link: LabLink, ceilingKbps: number): Promise<Agreement> {
  const shows: Judgement[] = [];
  while (shows.length < REAL_SHOWS) shows.push(judge(await playShow({ link, ceilingKbps }), link.trace));
  const real = medians(shows);
  const simulated = medians(SEEDS.map((seed) => simulatedJudgement(link, ceilingKbps, seed)));
  return {
    real,
    simulated,
    utilisationShare: Math.abs(real.utilisation - simulated.utilisation) / real.utilisation,
    delayP95Ms: Math.abs(real.delayP95Ms - simulated.delayP95Ms),
  };
}

function medians(shows: readonly Compared[]): Compared {
  const of = (metric: keyof Compared) => median(shows.map((show) => show[metric]));
  return { utilisation: of('utilisation'), delayP95Ms: of('delayP95Ms'), framesDroppedPct: of('framesDroppedPct') };
}

function simulatedJudgement(link: LabLink, ceilingKbps: number, seed: number): Judgement {
  const { controller, program } = contender('tidecast');
  const limits = { floorKbps: FLOOR_KBPS, ceilingKbps, otherKbps: OTHER_KBPS };
  const run = simulate({ link, controller: controller(link.trace), limits, program, durationMs: link.durationMs, seed });
  return judge(showOf(run, limits), link.trace);
}
