/** bench:network for people: a block for each link, the controllers side by side. */
import type { BenchRow } from './harness.ts';

const CELL = 15;

export function formatNetwork(rows: BenchRow[]): string {
  const links = Map.groupBy(rows, (row) => split(row).link);
  return [...links].map(([link, ofLink]) => block(link, ofLink)).join('\n\n');
}

/** `LINK/CONTROLLER` */
export function split({ case: name }: BenchRow): { link: string; controller: string } {
  const at = name.lastIndexOf('/');
  return { link: name.slice(0, at), controller: name.slice(at + 1) };
}

function block(link: string, rows: BenchRow[]): string {
  const controllers = [...new Set(rows.map((row) => split(row).controller))];
  const metrics = [...new Set(rows.map(({ metric }) => metric))];
  const names = metrics.map((metric) => `  ${metric}, ${rows.find((row) => row.metric === metric)?.unit}`);
  const width = Math.max(link.length, ...names.map(({ length }) => length));
  const cell = (metric: string, controller: string) => {
    const row = rows.find((one) => one.metric === metric && split(one).controller === controller);
    return (row ? shown(row.value) : '-').padStart(CELL);
  };
  return [
    link.padEnd(width) + controllers.map((name) => name.padStart(CELL)).join(''),
    ...metrics.map((metric, index) => names[index]!.padEnd(width) + controllers.map((name) => cell(metric, name)).join('')),
  ].join('\n');
}

function shown(value: number): string {
  return Math.abs(value) < 10 && !Number.isInteger(value) ? value.toFixed(2) : value.toFixed(0);
}
