/** Rows of bench:network that real sockets give, in real time: the product itself, for what the simulator says of it. */
import { contender } from '../lab/controllers/contenders.ts';
import type { LabLink } from '../lab/links.ts';
import { playShow } from '../lab/net/play-show.ts';
import type { BenchCase, BenchRow } from './harness.ts';
import { LIMITS, networkCase, simulatedCase } from './network-cases.ts';
import type { Verdict } from './verdicts.ts';

/** the controller's name in these rows */
export const REAL = 'tidecast-real';
/** of a longer trace, its beginning */
const LONGEST_MS = 60_000;
const TRACES = ['lte', 'sawtooth'];
const UTILISATION_SHARE = 0.15;
const DELAY_SHARE = 0.25;
const DELAY_MS = 100;

/**
 * The step and two traces: the first two of a folder, or of ours. A trace that is cut short gets a simulated row of the
 * same length to compare with.
 */
export function realCases(shipped: readonly LabLink[], given: readonly LabLink[]): BenchCase[] {
  const named = (names: string[]) => shipped.filter(({ name }) => names.includes(name));
  const traces = given.length >= TRACES.length ? given.slice(0, TRACES.length) : named(TRACES);
  return [...named(['step']), ...traces].flatMap((link) => {
    const isShort = link.durationMs <= LONGEST_MS;
    const played = isShort ? link : { ...link, name: `${link.name}-60s`, durationMs: LONGEST_MS };
    const real = networkCase({
      link: played,
      controller: REAL,
      play: () => playShow({ link: played, ceilingKbps: LIMITS.ceilingKbps }),
      main: false, // a minute each, and --quick has less
    });
    return isShort ? [real] : [simulatedCase(played, contender('tidecast')), real];
  });
}

/** Whether both labs say the same, of each link that both have played. */
export function agreementVerdicts(rows: readonly BenchRow[]): Verdict[] {
  const links = [...new Set(rows.filter((row) => row.case.endsWith(`/${REAL}`)).map((row) => row.case.slice(0, -REAL.length - 1)))];
  return links.flatMap((link) => {
    const get = (controller: string, metric: string) =>
      rows.find((row) => row.case === `${link}/${controller}` && row.metric === metric)?.value;
    const pair = (metric: string) => [get(REAL, metric), get('tidecast', metric)] as const;
    const [use, simulatedUse] = pair('utilisation');
    const [delay, simulatedDelay] = pair('delayP95Ms');
    if (use === undefined || simulatedUse === undefined || delay === undefined || simulatedDelay === undefined) return [];
    return [
      {
        holds: Math.abs(use - simulatedUse) <= UTILISATION_SHARE * use,
        text: `${link}: utilisation ${use.toFixed(3)} on real sockets, ${simulatedUse.toFixed(3)} simulated, within 15 %`,
      },
      {
        holds: Math.abs(delay - simulatedDelay) <= Math.max(DELAY_MS, DELAY_SHARE * delay),
        text: `${link}: delay p95 ${delay.toFixed(0)} ms on real sockets, ${simulatedDelay.toFixed(0)} simulated, within 25 % or 100 ms`,
      },
    ];
  });
}
