/**
 * The one harness of every benchmark: `runBench` runs the cases in rounds, so that peers are interleaved and a slow
 * minute of the machine meets them all, and reports the median of each metric.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { describeMachine, machineLine } from '../../build/bootstrap/machine.mjs';

export interface Measurement {
  metric: string;
  value: number;
  unit: string;
}

export interface BenchCase {
  name: string;
  /** part of --quick; true unless said otherwise */
  main?: boolean;
  /** One run. `quick` asks for a short one. */
  run(context: { quick: boolean; round: number }): Promise<Measurement[]>;
}

export interface Bench {
  name: string;
  cases: BenchCase[];
  /** rounds; at least 3, and 3 unless said otherwise */
  runs?: number;
  /** for people, instead of one line a row */
  format?: (rows: BenchRow[], quick: boolean) => string;
}

export interface BenchRow extends Measurement {
  case: string;
}

export interface BenchReport {
  bench: string;
  machine: Awaited<ReturnType<typeof describeMachine>>;
  quick: boolean;
  rows: BenchRow[];
}

/**
 * Runs a bench from its command line: `--quick` runs the main cases once, `--case NAME` one case, `--json FILE` also
 * writes the report.
 */
export async function runBench(bench: Bench, args: string[] = process.argv.slice(2)): Promise<BenchReport> {
  const { values } = parseArgs({
    args,
    options: { quick: { type: 'boolean', default: false }, json: { type: 'string' }, case: { type: 'string' } },
  });
  const { quick } = values;
  const cases = bench.cases.filter(({ name, main = true }) => (values.case === undefined ? !quick || main : name === values.case));
  if (cases.length === 0) throw new Error(`There is no such case; there are: ${bench.cases.map(({ name }) => name).join(', ')}`);

  const report = {
    bench: bench.name,
    machine: await describeMachine(),
    quick,
    rows: await measure(cases, quick ? 1 : Math.max(3, bench.runs ?? 3), quick),
  };
  console.log(
    `${bench.name}${quick ? ' (quick: one run)' : ''} on ${machineLine(report.machine)}\n\n${(bench.format ?? formatTable)(report.rows, quick)}`,
  );
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(report, null, 2)}\n`);
  return report;
}

async function measure(cases: BenchCase[], runs: number, quick: boolean): Promise<BenchRow[]> {
  const samples: BenchRow[] = [];
  for (let round = 0; round < runs; round++) {
    for (const { name, run } of cases) {
      for (const measurement of await run({ quick, round })) samples.push({ case: name, ...measurement });
    }
  }
  return mediansOf(samples);
}

/** One row for each case and metric, in the order of their first appearance. */
export function mediansOf(samples: BenchRow[]): BenchRow[] {
  const groups = Map.groupBy(samples, (row) => JSON.stringify([row.case, row.metric]));
  return [...groups.values()].map((rows) => ({ ...rows[0]!, value: median(rows.map(({ value }) => value)) }));
}

/** @throws on an empty list: there is no middle of nothing */
export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.floor((sorted.length - 1) / 2)];
  if (upper === undefined || lower === undefined) throw new Error('no values');
  return (lower + upper) / 2;
}

export function formatTable(rows: BenchRow[]): string {
  const lines = [
    ['case', 'metric', 'value', 'unit'],
    ...rows.map((row) => [row.case, row.metric, String(Number(row.value.toPrecision(4))), row.unit]),
  ];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...lines.map((line) => line[column]!.length)));
  return lines
    .map((line) =>
      line
        .map((text, column) => (column === 2 ? text.padStart(widths[column]!) : text.padEnd(widths[column]!)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
