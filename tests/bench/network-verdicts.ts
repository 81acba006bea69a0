/** What is asked of our rate control, said of the numbers that bench:network found. */
import type { BenchRow } from './harness.ts';
import { split } from './network-table.ts';
import type { Verdict } from './verdicts.ts';

/** @param traces names of the links that count as traces: all but constant ones */
export function verdicts(rows: BenchRow[], traces: string[]): Verdict[] {
  const figures = new Figures(rows);
  return [
    ...overTraces(
      figures,
      traces.filter((link) => figures.has(link, 'tidecast') && figures.has(link, 'obs-dbr')),
    ),
    ...onConstants(figures),
    ...onStep(figures),
    ...within(figures, 'bufferbloat', 'delayP95Ms', 700),
  ];
}

class Figures {
  readonly #values = new Map<string, number>();
  readonly constants: string[];

  constructor(rows: BenchRow[]) {
    for (const row of rows) this.#values.set(`${row.case} ${row.metric}`, row.value);
    this.constants = [...new Set(rows.map((row) => split(row).link))].filter((link) => link.startsWith('constant-'));
  }

  has(link: string, controller: string): boolean {
    return this.get(link, controller, 'utilisation') !== undefined;
  }

  get(link: string, controller: string, metric: string): number | undefined {
    return this.#values.get(`${link}/${controller} ${metric}`);
  }

  mean(links: string[], controller: string, metric: string): number {
    return links.reduce((sum, link) => sum + (this.get(link, controller, metric) ?? 0), 0) / links.length;
  }
}

function overTraces(figures: Figures, traces: string[]): Verdict[] {
  if (traces.length === 0) return [];
  const over = `mean over ${traces.length} traces:`;
  const pair = (metric: string) => [figures.mean(traces, 'tidecast', metric), figures.mean(traces, 'obs-dbr', metric)] as const;
  const [delay, obsDelay] = pair('delayP95Ms');
  const [use, obsUse] = pair('utilisation');
  const [freezes, obsFreezes] = pair('freezes');
  return [
    { holds: delay <= obsDelay / 2, text: `${over} delay p95 ${delay.toFixed(0)} ms, at most half of obs-dbr's ${obsDelay.toFixed(0)}` },
    { holds: use >= obsUse, text: `${over} utilisation ${use.toFixed(3)}, at least obs-dbr's ${obsUse.toFixed(3)}` },
    { holds: freezes <= obsFreezes / 2, text: `${over} freezes ${freezes.toFixed(1)}, at most half of obs-dbr's ${obsFreezes.toFixed(1)}` },
  ];
}

function onConstants(figures: Figures): Verdict[] {
  return figures.constants.flatMap((link) => [
    ...within(figures, link, 'rateChangesPerMin', 2),
    ...check(figures, link, 'utilisation', (value) => value >= 0.95, 'at least 0.95'),
  ]);
}

function onStep(figures: Figures): Verdict[] {
  return [
    ...within(figures, 'step', 'reactMs', 1_000),
    ...within(figures, 'step', 'outputMs', 2_000),
    ...within(figures, 'step', 'delayP95AfterFallMs', 700),
    ...within(figures, 'step', 'delayMaxMs', 1_500),
    ...within(figures, 'step', 'framesDroppedPct', 2),
    ...within(figures, 'step', 'recoverMs', 15_000),
    ...within(figures, 'step', 'audioLost', 0),
  ];
}

function within(figures: Figures, link: string, metric: string, most: number): Verdict[] {
  return check(figures, link, metric, (value) => value <= most, `at most ${most}`);
}

function check(figures: Figures, link: string, metric: string, test: (value: number) => boolean, asked: string): Verdict[] {
  const value = figures.get(link, 'tidecast', metric);
  if (value === undefined) return [];
  return [{ holds: test(value), text: `${link}: ${metric} ${Number(value.toPrecision(4))}, ${asked}` }];
}
