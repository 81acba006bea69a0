/**
 * One show over one link on real sockets, second by second: `node tests/lab/net/run.ts LINK [--ceiling KBPS] [--fixed]`.
 * LINK is one of ours (resources/links), constant-KBPS, or a mahimahi file.
 */
import { parseArgs } from 'node:util';
import { capacityKbps, judge, quantile, type Show } from '../judge.ts';
import { constantLink, type LabLink, loadLink, shippedLinks } from '../links.ts';
import { playShow } from './play-show.ts';
import { FIXED } from './scenarios.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { ceiling: { type: 'string', default: '4500' }, fixed: { type: 'boolean', default: false }, seconds: { type: 'string' } },
});
const link = findLink(positionals[0] ?? 'step');
const durationMs = values.seconds === undefined ? link.durationMs : Number(values.seconds) * 1_000;
const show = await playShow({ link, ceilingKbps: Number(values.ceiling), settings: values.fixed ? FIXED : {}, durationMs });
for (let second = 0; second < durationMs / 1_000; second += 1) console.log(lineOf(show, link, second));
console.log(judge(show, link.trace));

function findLink(name: string): LabLink {
  const constant = /^constant-(\d+)$/.exec(name)?.[1];
  if (constant !== undefined) return constantLink(Number(constant));
  return shippedLinks().find((shipped) => shipped.name === name) ?? loadLink(name);
}

function lineOf({ deliveries, rates }: Show, { trace }: LabLink, second: number): string {
  const [fromMs, toMs] = [second * 1_000, (second + 1) * 1_000];
  const kbps = (bytes: number[]) => String(Math.round((bytes.reduce((sum, count) => sum + count, 0) * 8) / 1_000)).padStart(6);
  const came = deliveries.filter(({ arrivedMs }) => arrivedMs !== null && arrivedMs >= fromMs && arrivedMs < toMs);
  const made = deliveries.filter(({ encodedMs }) => encodedMs >= fromMs && encodedMs < toMs);
  const delays = came.map(({ arrivedMs, encodedMs }) => (arrivedMs ?? 0) - encodedMs).toSorted((a, b) => a - b);
  const asked = rates.filter(({ atMs }) => atMs >= fromMs && atMs < toMs).map(({ videoKbps }) => Math.round(videoKbps));
  const dropped = made.filter(({ arrivedMs }) => arrivedMs === null).length;
  return [
    String(second).padStart(3),
    `link ${String(Math.round(capacityKbps(trace, fromMs, toMs))).padStart(6)}`,
    `made ${kbps(made.map(({ bytes }) => bytes))}`,
    `came ${kbps(came.map(({ bytes }) => bytes))}`,
    `late ${Math.round(quantile(delays, 0.5))}/${Math.round(quantile(delays, 1))} ms`,
    `lost ${dropped}`,
    `asked ${Math.min(...asked)}-${Math.max(...asked)}`,
  ].join('  ');
}
