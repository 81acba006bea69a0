/** The rate follows the link: on real sockets, with the whole product, and as the simulator says. */
import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { median } from '../bench/harness.ts';
import { type Judgement, judge } from '../lab/judge.ts';
import { type LabLink, linksOf, shippedLinks } from '../lab/links.ts';
import { agreement, type Compared } from '../lab/net/agreement.ts';
import { playShow } from '../lab/net/play-show.ts';
import { recordFigure } from '../support/figures.ts';

const CEILING_KBPS = 4_500;
const ROUNDS = 3;
/** the longest part of a trace that is played */
const TRACE_MS = 60_000;

const shipped = (name: string): LabLink => {
  const found = shippedLinks().find((link) => link.name === name);
  if (!found) throw new Error(`there is no link ${name}`);
  return found;
};

test('step: 20 s each at 6, 1.5 and 6 Mbps under a ceiling of 4.5, the median of three shows', async () => {
  const link = shipped('step');
  const judgements: Judgement[] = [];
  for (let round = 0; round < ROUNDS; round += 1) judgements.push(judge(await playShow({ link, ceilingKbps: CEILING_KBPS }), link.trace));
  /** what a show never came to, as to answer the fall, is worse than any time */
  const middle = (of: (judgement: Judgement) => number | null) => median(judgements.map((one) => of(one) ?? Number.MAX_SAFE_INTEGER));
  const figures = {
    'target under the link after': middle(({ reactMs }) => reactMs),
    'output under the link after': middle(({ outputMs }) => outputMs),
    'delay after the fall, p95': middle(({ delayP95AfterFallMs }) => delayP95AfterFallMs),
    'delay, most in any of them': Math.max(...judgements.map(({ delayMaxMs }) => delayMaxMs)),
    'back to 90 % of the ceiling after': middle(({ recoverMs }) => recoverMs),
  };
  for (const [name, value] of Object.entries(figures)) recordFigure(name, value, 'ms');
  const droppedPct = median(judgements.map((judgement) => judgement.framesDroppedPct));
  recordFigure('frames dropped', droppedPct, '%');
  recordFigure('utilisation', median(judgements.map(({ utilisation }) => utilisation)) * 100, '%');
  expect(figures['target under the link after']).toBeLessThanOrEqual(1_000);
  expect(figures['output under the link after']).toBeLessThanOrEqual(2_000);
  expect(figures['delay after the fall, p95']).toBeLessThanOrEqual(700);
  expect(figures['delay, most in any of them']).toBeLessThanOrEqual(1_500);
  expect(figures['back to 90 % of the ceiling after']).toBeLessThanOrEqual(15_000);
  expect(droppedPct).toBeLessThanOrEqual(2);
  for (const { audioLost } of judgements) expect(audioLost).toBe(0);
});

/** Two traces beside the step: real ones where TIDECAST_TRACES_DIR names a folder of them, else two of ours. */
function traces(): LabLink[] {
  const folder = process.env['TIDECAST_TRACES_DIR'];
  const found = folder !== undefined && existsSync(folder) ? linksOf(folder).slice(0, 2) : [shipped('lte'), shipped('sawtooth')];
  return found.map((link) => ({ ...link, durationMs: Math.min(link.durationMs, TRACE_MS) }));
}

describe('real sockets and the simulator agree', () => {
  test.each([shipped('step'), ...traces()])('on $name', async (link) => {
    const { real, simulated, ...differences } = await agreement(link, CEILING_KBPS);
    const report = (whose: string, { utilisation, delayP95Ms, framesDroppedPct }: Compared) => {
      recordFigure(`${whose}: utilisation`, utilisation * 100, '%');
      recordFigure(`${whose}: delay p95`, delayP95Ms, 'ms');
      recordFigure(`${whose}: frames dropped`, framesDroppedPct, '%');
    };
    report('real', real);
    report('simulated', simulated);
    expect(differences.utilisationShare).toBeLessThanOrEqual(0.15);
    expect(differences.delayP95Ms).toBeLessThanOrEqual(Math.max(100, 0.25 * real.delayP95Ms));
  });
});
