/** What is asked, said of the numbers that a bench found. */
import type { BenchRow } from './harness.ts';

export interface Verdict {
  holds: boolean;
  text: string;
}

/** The most that a metric may be, in the cases that were run. */
export interface Bound {
  case: string;
  metric: string;
  most: number;
}

export function formatVerdicts(found: Verdict[]): string {
  return found.map(({ holds, text }) => `${holds ? 'holds' : 'FAILS'}  ${text}`).join('\n');
}

/** What was to be measured and is not there does not hold. */
export function withinBounds(rows: BenchRow[], bounds: readonly Bound[]): Verdict[] {
  return bounds
    .filter((bound) => rows.some((row) => row.case === bound.case))
    .map(({ case: name, metric, most }) => {
      const row = rows.find((row) => row.case === name && row.metric === metric);
      const found = row ? `${Number(row.value.toPrecision(4))} ${row.unit}` : 'not measured';
      return { holds: row !== undefined && row.value <= most, text: `${name}: ${metric} ${found}, at most ${most}` };
    });
}

/** The table, and what is asked of it. */
export function judgedTable(table: string, found: Verdict[], quick: boolean): string {
  return `${table}\n\nWhat is asked${quick ? ' (of a full run; this one is a look)' : ''}:\n\n${formatVerdicts(found)}`;
}
