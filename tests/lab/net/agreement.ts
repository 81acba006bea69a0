/** The same show on real sockets and in the simulator: how far they are from each other. */
import { contender } from '../controllers/contenders.ts';
import { type Judgement, judge } from '../judge.ts';
import type { LabLink } from '../links.ts';
import { OTHER_KBPS } from '../sim/encoder.ts';
import { showOf, simulate } from '../sim/simulate.ts';
import { playShow } from './play-show.ts';

export interface Agreement {
  real: Judgement;
  simulated: Judgement;
  /** of the real one */
  utilisationShare: number;
  delayP95Ms: number;
}

/** the rate policy's default */
const FLOOR_KBPS = 300;

/** @param ceilingKbps of the video */
export async function agreement(link: LabLink, ceilingKbps: number): Promise<Agreement> {
  const real = judge(await playShow({ link, ceilingKbps }), link.trace);
  const simulated = simulatedJudgement(link, ceilingKbps);
  return {
    real,
    simulated,
    utilisationShare: Math.abs(real.utilisation - simulated.utilisation) / real.utilisation,
    delayP95Ms: Math.abs(real.delayP95Ms - simulated.delayP95Ms),
  };
}

function simulatedJudgement(link: LabLink, ceilingKbps: number): Judgement {
  const { controller, program } = contender('tidecast');
  const limits = { floorKbps: FLOOR_KBPS, ceilingKbps, otherKbps: OTHER_KBPS };
  const run = simulate({ link, controller: controller(link.trace), limits, program, durationMs: link.durationMs });
  return judge(showOf(run, limits), link.trace);
}
