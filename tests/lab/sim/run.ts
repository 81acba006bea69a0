/**
 * One controller over one link, second by second and judged:
 *
 *   node tests/lab/sim/run.ts LINK CONTROLLER [--seed N] [--ceiling KBPS] [--floor KBPS] [--every MS] [--evidence report|ack|tcp|socket] [--blind]
 *
 * --blind: the system tells nothing of its socket, as on Windows.
 * LINK: a shipped one (step, ramp, …), constant-KBPS, or a mahimahi file. CONTROLLER: fixed, seed-rule, obs-dbr,
 * larix-hybrid, tidecast, oracle.
 */
import { parseArgs } from 'node:util';
import { meanKbps } from '../../../src-main/engine/link/trace.ts';
import { DeliveryEvidence } from '../../../src-shared/domain/index.ts';
import { contender } from '../controllers/contenders.ts';
import { judge } from '../judge.ts';
import { constantLink, type LabLink, loadLink, shippedLinks } from '../links.ts';
import { OTHER_KBPS } from './encoder.ts';
import { BLIND } from './program.ts';
import { showOf, simulate } from './simulate.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: 'string', default: '1' },
    ceiling: { type: 'string', default: '4500' },
    floor: { type: 'string', default: '300' },
    every: { type: 'string', default: '1000' },
    evidence: { type: 'string' },
    blind: { type: 'boolean', default: false },
  },
});
const link = findLink(positionals[0] ?? 'step');
const { controller, program } = contender(positionals[1] ?? 'tidecast');
const limits = { floorKbps: Number(values.floor), ceilingKbps: Number(values.ceiling), otherKbps: OTHER_KBPS };
const evidence = values.evidence === undefined ? program.evidence : DeliveryEvidence.parse(values.evidence);

const startMs = performance.now();
const run = simulate({
  link,
  controller: controller(link.trace),
  limits,
  program: { ...program, evidence, ...(values.blind ? BLIND : {}) },
  durationMs: link.durationMs,
  seed: Number(values.seed),
});
const tookMs = performance.now() - startMs;

const everyMs = Number(values.every);
let beforeMs = 0;
console.log('   s  link  target  reason    delay  queue  link buffer');
for (const { atMs, pressure, decision, linkBytes } of run.steps) {
  const isDue = Math.floor(atMs / everyMs) > Math.floor(beforeMs / everyMs) || beforeMs === 0;
  if (atMs < 0 || (!isDue && !decision.dropToIdr)) continue;
  const linkKbps = meanKbps(link.trace, beforeMs, atMs);
  console.log(
    `${(atMs / 1_000).toFixed(1).padStart(4)} ${linkKbps.toFixed(0).padStart(5)} ${decision.videoKbps.toFixed(0).padStart(7)}  ${decision.reason.padEnd(8)} ${pressure.delayMs.toFixed(0).padStart(5)} ${pressure.queueMs.toFixed(0).padStart(6)} ${(linkBytes / 1_000).toFixed(0).padStart(7)} kB${decision.dropToIdr ? '  drop' : ''}`,
  );
  beforeMs = atMs;
}
console.log(judge(showOf(run, limits), link.trace));
console.log(`${run.packetsLost} packets lost in the link's buffer, ${run.packetsResent} sent again; simulated in ${tookMs.toFixed(0)} ms`);

function findLink(name: string): LabLink {
  if (name.startsWith('constant-')) return constantLink(Number(name.slice('constant-'.length)));
  return shippedLinks().find((one) => one.name === name) ?? loadLink(name);
}
