/** `npm run accept`: the long acceptance list, its results written to docs/acceptance.md with the machine and the date. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { countReport } from './count.mjs';
import { ensureTestElectron } from './electron-standin.mjs';
import { ensureBuilt } from './freshness.mjs';
import { describeMachine, machineLine } from './machine.mjs';
import { at, node24, ourEnv, run } from './run.mjs';
import { Failed, say } from './say.mjs';
import { ensureTools, findChromium } from './tools.mjs';

/** @typedef {{ test: string, name: string, value: number, unit: string }} Figure as tests/support/figures.ts writes it */
/** @typedef {{ name: string, status: string }} Outcome */

const REPORT = 'node_modules/.cache/vitest-accept.json';
const FIGURES = 'node_modules/.cache/figures.jsonl';

/**
 * @param {string[]} filters for vitest: files, or `-t NAME`. With any, only the table is printed and the document stays.
 * @returns {Promise<number>} the exit code
 */
export async function accept(filters) {
  await ensureTools('accept');
  await ensureTestElectron();
  await ensureBuilt();
  mkdirSync(at('node_modules/.cache'), { recursive: true });
  for (const file of [REPORT, FIGURES]) rmSync(at(file), { force: true });

  const env = { ...ourEnv(), TIDECAST_FIGURES: at(FIGURES), TIDECAST_CHROMIUM: findChromium() ?? '' };
  const args = [
    'node_modules/vitest/vitest.mjs',
    'run',
    '--project',
    'accept',
    '--no-file-parallelism',
    '--reporter=verbose',
    '--reporter=json',
    `--outputFile.json=${at(REPORT)}`,
  ];
  const { code } = await run(node24, [...args, ...filters], { env });
  if (!existsSync(at(REPORT))) throw new Failed('The acceptance run ended without a report.');

  const report = readFileSync(at(REPORT), 'utf8');
  const table = acceptanceTable(outcomes(report), existsSync(at(FIGURES)) ? readFigures(readFileSync(at(FIGURES), 'utf8')) : []);
  console.log(`\n${table}\n`);
  if (filters.length === 0) {
    const machine = machineLine({
      ...(await describeMachine()),
      node: (await run(node24, ['--version'], { quiet: true })).output.trim().slice(1),
    });
    writeFileSync(
      at('docs/acceptance.md'),
      `# Acceptance\n\nWritten by \`npm run accept\` on ${new Date().toISOString().slice(0, 10)}.\n\nMachine: ${machine}.\n\n${table}\n`,
    );
    say('written to docs/acceptance.md');
  }
  const { passed, failed } = countReport(report, code);
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

/** @param {string} report vitest's @returns {Outcome[]} */
export function outcomes(report) {
  /** @type {{ testResults: { name: string, status: string, assertionResults: { fullName: string, status: string }[] }[] }} */
  const { testResults } = JSON.parse(report);
  return testResults.flatMap(({ name, assertionResults }) =>
    assertionResults.length > 0
      ? assertionResults.map((test) => ({ name: test.fullName, status: test.status }))
      : [{ name: name.split('/').at(-1) ?? name, status: 'failed' }],
  );
}

/** @param {string} lines @returns {Figure[]} */
export const readFigures = (lines) =>
  lines
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));

/** @param {Outcome[]} tests @param {Figure[]} figures */
export function acceptanceTable(tests, figures) {
  const cell = (/** @type {string} */ text) => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
  const rows = tests.map(({ name, status }) => {
    const own = figures.filter(({ test }) => test === name).map((figure) => `${figure.name} ${figure.value} ${figure.unit}`.trim());
    return `| ${cell(name)} | ${status} | ${cell(own.join('; '))} |`;
  });
  return ['| name | result | figures |', '| --- | --- | --- |', ...rows].join('\n');
}
