/** What is asked of the time from glass to glass, said of the numbers that bench:latency found. */
import type { BenchRow } from './harness.ts';
import type { Verdict } from './network-verdicts.ts';

const ASKED: [caseName: string, metric: string, mostMs: number][] = [
  ['flv', 'glassP50Ms', 600],
  ['flv', 'glassP95Ms', 900],
  ['flv', 'firstFrameP50Ms', 500],
  ['ll-hls', 'glassP50Ms', 2_000],
  ['rtmp', 'glassP50Ms', 400],
];
/** by which the two ways of measuring may differ */
const APART_MAX_MS = 50;

/** Of the cases that were run. */
export function latencyVerdicts(rows: readonly BenchRow[]): Verdict[] {
  const asked = ASKED.flatMap(([name, metric, mostMs]) => judge(rows, name, metric, mostMs));
  const cases = [...new Set(rows.map((row) => row.case))];
  return [...asked, ...cases.flatMap((name) => judge(rows, name, 'apartMs', APART_MAX_MS))];
}

function judge(rows: readonly BenchRow[], name: string, metric: string, mostMs: number): Verdict[] {
  return rows
    .filter((row) => row.case === name && row.metric === metric)
    .map(({ value }) => ({ holds: value <= mostMs, text: `${name}: ${metric} ${Math.round(value)}, at most ${mostMs}` }));
}
