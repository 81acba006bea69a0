/** Cases of bench:network: a link and a controller, played by whatever can, and judged. */
import type { Contender } from '../lab/controllers/contender.ts';
import { type Judgement, judge, type Show } from '../lab/judge.ts';
import type { LabLink } from '../lab/links.ts';
import { OTHER_KBPS } from '../lab/sim/encoder.ts';
import { showOf, simulate } from '../lab/sim/simulate.ts';
import type { BenchCase, Measurement } from './harness.ts';

/** what a platform of 4.5 Mbps takes; the floor is a destination's default */
export const LIMITS = { floorKbps: 300, ceilingKbps: 4_500, otherKbps: OTHER_KBPS };

export interface PlayContext {
  /** another for each round */
  seed: number;
  quick: boolean;
}

export interface NetworkCase {
  link: LabLink;
  /** as the case names it */
  controller: string;
  /** One show over all of the link; from real sockets as well as from the simulator. */
  play: (context: PlayContext) => Promise<Show>;
  /** part of --quick; true unless said otherwise */
  main?: boolean;
}

/** The case `LINK/CONTROLLER`, with all that the issue asks of it. */
export function networkCase({ link, controller, play, main = true }: NetworkCase): BenchCase {
  return {
    name: `${link.name}/${controller}`,
    main,
    run: async ({ quick, round }) => measurementsOf(judge(await play({ seed: round + 1, quick }), link.trace)),
  };
}

export function simulatedCase(link: LabLink, { name, controller, program }: Contender): BenchCase {
  const play = async ({ seed }: PlayContext) =>
    showOf(simulate({ link, controller: controller(link.trace), program, limits: LIMITS, durationMs: link.durationMs, seed }), LIMITS);
  return networkCase({ link, controller: name, play });
}

const UNITS: Record<keyof Judgement, string> = {
  utilisation: '×',
  delayP50Ms: 'ms',
  delayP95Ms: 'ms',
  delayMaxMs: 'ms',
  delayP95AfterFallMs: 'ms',
  framesDroppedPct: '%',
  audioLost: 'packets',
  rateChangesPerMin: '1/min',
  reactMs: 'ms',
  outputMs: 'ms',
  recoverMs: 'ms',
  freezes: 'gaps',
};

/** What a link has no occasion for is left out. */
function measurementsOf(judgement: Judgement): Measurement[] {
  return (Object.keys(UNITS) as (keyof Judgement)[]).flatMap((metric) => {
    const value = judgement[metric];
    return value === null ? [] : [{ metric, value, unit: UNITS[metric] }];
  });
}
