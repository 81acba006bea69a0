/** What is asked of our live server, said of the numbers that bench:server found. */
import type { BenchRow } from './harness.ts';
import type { Verdict } from './verdicts.ts';

export interface ServerCurve {
  server: string;
  /** resident memory, at equal distances over the window */
  curveMiB: number[];
}

const RATIO_LEAST = 2;
/**
 * What 50 viewers who read too slowly may cost: of each the socket holds 64 KiB and a frame; the frames that wait for
 * them (3 s) are shared. The rest is room for the collector.
 */
export const SLOW_BOUND_MIB = 96;
/** from the middle of the window to its end: a plateau */
const PLATEAU_MIB = 12;

/** @param quick windows too short for a plateau */
export function serverVerdicts(rows: BenchRow[], curves: readonly ServerCurve[], quick: boolean): Verdict[] {
  const get = (server: string, metric: string) => rows.find((row) => row.case === server && row.metric === metric)?.value;
  return [
    ...none(get('tidecast', 'stalls'), 'HTTP-FLV: stalls and losses of 200 viewers'),
    ...none(get('tidecast', 'rtmpStalls'), 'RTMP: stalls and losses of 200 viewers'),
    ...perCore(get('tidecast', 'viewersPerCore'), get('node-media-server', 'viewersPerCore')),
    ...none(get('tidecast', 'slowOthersStalls'), '50 slow viewers: stalls of the other 150'),
    ...memory(curves.find(({ server }) => server === 'tidecast')?.curveMiB ?? [], quick),
  ];
}

function none(value: number | undefined, what: string): Verdict[] {
  return value === undefined ? [] : [{ holds: value === 0, text: `${what}: ${value}, none` }];
}

function perCore(ours: number | undefined, theirs: number | undefined): Verdict[] {
  if (ours === undefined || theirs === undefined) return [];
  const ratio = ours / theirs;
  const text = `HTTP-FLV: ${ours.toFixed(0)} viewers a core, ${ratio.toFixed(2)} × node-media-server's ${theirs.toFixed(0)}, at least ${RATIO_LEAST} ×`;
  return [{ holds: ratio >= RATIO_LEAST, text }];
}

function memory(curveMiB: readonly number[], quick: boolean): Verdict[] {
  const [first] = curveMiB;
  if (first === undefined) return [];
  const rise = Math.max(...curveMiB) - first;
  const middle = curveMiB.slice(Math.floor(curveMiB.length / 2));
  const late = (middle.at(-1) ?? 0) - (middle[0] ?? 0);
  const bound = {
    holds: rise <= SLOW_BOUND_MIB,
    text: `50 slow viewers: memory rises by ${rise.toFixed(0)} MiB, at most ${SLOW_BOUND_MIB}`,
  };
  if (quick) return [bound];
  const plateau = {
    holds: late <= PLATEAU_MIB,
    text: `50 slow viewers: in the second half by ${late.toFixed(0)} MiB, at most ${PLATEAU_MIB}`,
  };
  return [bound, plateau];
}
