/**
 * `npm run bench:network`: controllers side by side over links, simulated; and the product itself on real sockets over a
 * few of them. `--traces DIR` adds each mahimahi file of a folder. See docs/network-lab.md.
 */
import { CONTENDERS } from '../lab/controllers/contenders.ts';
import { constantLink, linksOf, shippedLinks } from '../lab/links.ts';
import { type BenchRow, runBench } from './harness.ts';
import { simulatedCase } from './network-cases.ts';
import { takeOption } from './network-options.ts';
import { agreementVerdicts, realCases } from './network-real.ts';
import { formatNetwork } from './network-table.ts';
import { verdicts } from './network-verdicts.ts';
import { formatVerdicts } from './verdicts.ts';

const CONSTANTS_KBPS = [1_000, 3_000, 6_000];
/** a constant link is a long steady thing */
const CONSTANT_MS = 300_000;

const { value: folder, rest } = takeOption(process.argv.slice(2), '--traces');
const given = folder === undefined ? [] : linksOf(folder);
const traces = [...shippedLinks(), ...given];
const links = [...traces, ...CONSTANTS_KBPS.map((kbps) => ({ ...constantLink(kbps), durationMs: CONSTANT_MS }))];

const names = traces.map(({ name }) => name);
const judged = (rows: BenchRow[]) => [...verdicts(rows, names), ...agreementVerdicts(rows)];
const format = (rows: BenchRow[]) => [formatNetwork(rows), 'What is asked of tidecast:', formatVerdicts(judged(rows))].join('\n\n');

const simulated = links.flatMap((link) => CONTENDERS.map((one) => simulatedCase(link, one)));
const { rows } = await runBench({ name: 'network', cases: [...simulated, ...realCases(traces, given)], format }, rest);
if (judged(rows).some(({ holds }) => !holds)) process.exitCode = 1;
