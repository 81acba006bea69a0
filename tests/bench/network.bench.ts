/**
 * `npm run bench:network`: controllers side by side over links, simulated. `--traces DIR` adds each mahimahi file of a
 * folder. See docs/network-lab.md.
 */
import { CONTENDERS } from '../lab/controllers/contenders.ts';
import { constantLink, linksOf, shippedLinks } from '../lab/links.ts';
import { type BenchRow, runBench } from './harness.ts';
import { simulatedCase } from './network-cases.ts';
import { takeOption } from './network-options.ts';
import { formatNetwork } from './network-table.ts';
import { formatVerdicts, verdicts } from './network-verdicts.ts';

const CONSTANTS_KBPS = [1_000, 3_000, 6_000];

const { value: folder, rest } = takeOption(process.argv.slice(2), '--traces');
const traces = [...shippedLinks(), ...(folder === undefined ? [] : linksOf(folder))];
const links = [...traces, ...CONSTANTS_KBPS.map(constantLink)];

const format = (rows: BenchRow[]) => {
  const found = verdicts(
    rows,
    traces.map(({ name }) => name),
  );
  return [formatNetwork(rows), 'What issue 3 asks of tidecast:', formatVerdicts(found)].join('\n\n');
};

await runBench({ name: 'network', cases: links.flatMap((link) => CONTENDERS.map((one) => simulatedCase(link, one))), format }, rest);
