/** `npm run check` and `npm test`: every step is run and counted, a step that is no vitest run as one test. */
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { countReport, failedFiles, sum, withSecondRun } from './count.mjs';
import { ensureTestElectron } from './electron-standin.mjs';
import { ensureBuilt } from './freshness.mjs';
import { at, node24, ourEnv, run } from './run.mjs';
import { say } from './say.mjs';
import { ensureTools, findChromium } from './tools.mjs';

/** @typedef {import('./count.mjs').Count} Count */
/**
 * Without args it is the vitest project of its name; `beside` runs while it does.
 * @typedef {{ name: string, timeoutMs: number, args: string[] }} Program
 * @typedef {{ name: string, timeoutMs: number, args?: string[], beside?: Program }} Step
 */

const LAYERS = ['src-main', 'src-renderer', 'src-preload', 'src-shared', 'viewer', 'src-main/wire'];
const MINUTE_MS = 60_000;
const tsc = (/** @type {string} */ layer) => ({
  name: `types of ${layer === '.' ? 'everything together' : layer}`,
  timeoutMs: 3 * MINUTE_MS,
  args: [
    'node_modules/typescript/bin/tsc',
    '-p',
    layer,
    '--incremental',
    '--tsBuildInfoFile',
    `node_modules/.cache/tsc/${layer.replaceAll('/', '-')}.json`,
  ],
});

/** @type {Record<'check' | 'integration' | 'e2e', Step[]>} */
const TIERS = {
  // Two steps run at a time: the longest come first, so that none of them is left to run alone.
  check: [
    tsc('.'),
    { name: 'layers', timeoutMs: MINUTE_MS, args: ['build/layers.mjs'] },
    ...LAYERS.map(tsc),
    { name: 'format and lint', timeoutMs: MINUTE_MS, args: ['node_modules/@biomejs/biome/bin/biome', 'ci', '--log-level=error', '.'] },
    { name: 'dead code', timeoutMs: MINUTE_MS, args: ['node_modules/knip/bin/knip.js', '--no-progress'] },
    { name: 'unit', timeoutMs: 3 * MINUTE_MS },
  ],
  integration: [
    // a minute of fuzzing takes what these leave, at the lowest priority: they wait most of the time
    {
      name: 'integration',
      timeoutMs: 15 * MINUTE_MS,
      beside: {
        name: 'fuzzing the parsers for a minute',
        timeoutMs: 5 * MINUTE_MS,
        args: ['tests/fuzz/main.ts', '--beside', '--seconds', '60', '--seed', '20261'],
      },
    },
    { name: 'real-time', timeoutMs: 15 * MINUTE_MS },
  ],
  e2e: [
    { name: 'e2e', timeoutMs: 15 * MINUTE_MS },
    { name: 'e2e-real-time', timeoutMs: 15 * MINUTE_MS },
  ],
};

/**
 * @param {('check' | 'integration' | 'e2e')[]} tiers
 * @returns {Promise<number>} the exit code; the last line says `N passed, N failed`
 */
export async function runTiers(tiers) {
  const startMs = performance.now();
  const prepared = await prepare(tiers.length > 1);
  const counts = [prepared];
  const steps = tiers.flatMap((tier) => TIERS[tier]);
  counts.push(...(await inPairs(steps.flatMap(({ name, timeoutMs, args }) => (args ? [() => runStep({ name, timeoutMs, args })] : [])))));
  for (const step of steps)
    if (!step.args) counts.push(...(await Promise.all([runVitest(step), ...(step.beside ? [runStep(step.beside)] : [])])));
  const { passed, failed, skipped, failures, unsteady } = sum(counts);
  for (const name of skipped) say(`skipped: ${name}`);
  // at the end as well: whoever reads a long run's last page sees what failed
  for (const failure of unsteady) say(`UNSTEADY (passed when its file ran again): ${failure}`);
  for (const failure of failures) say(`FAILED: ${failure}`);
  say(`took ${((performance.now() - startMs) / 1000).toFixed(0)} s`);
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

/**
 * What tests lean on. For the quick tier only the WASM kernels, which sources import.
 * @param {boolean} everything
 * @returns {Promise<Count>}
 */
async function prepare(everything) {
  if (!everything) return runStep({ name: 'wasm', timeoutMs: MINUTE_MS, args: ['build/build.mjs', '--only', 'wasm'] });
  await ensureTools('test');
  const electron = await ensureTestElectron().catch(complain);
  if (!electron) say('no Electron to test with: the tests in Electron will fail');
  const chromium = findChromium();
  if (chromium) process.env.TIDECAST_CHROMIUM = chromium;
  const built = await ensureBuilt().then(() => true, complain);
  return one('build', built);
}

/** @returns {Count} of a step that is not vitest */
const one = (/** @type {string} */ name, /** @type {boolean} */ passed) => ({
  passed: passed ? 1 : 0,
  failed: passed ? 0 : 1,
  skipped: [],
  failures: passed ? [] : [name],
  unsteady: [],
});

function complain(/** @type {Error} */ error) {
  say(error.message);
  return false;
}

/**
 * Runs jobs two at a time, as even small machines can.
 * @template T
 * @param {(() => Promise<T>)[]} jobs
 * @returns {Promise<T[]>} in the order in which they ended
 */
async function inPairs(jobs) {
  const waiting = [...jobs];
  const done = /** @type {T[]} */ ([]);
  const work = async () => {
    for (let job = waiting.shift(); job; job = waiting.shift()) done.push(await job());
  };
  await Promise.all([work(), work()]);
  return done;
}

/** @param {Program} step @returns {Promise<Count>} */
async function runStep({ name, timeoutMs, args }) {
  const startMs = performance.now();
  const { code, output, timedOut } = await run(node24, args, { quiet: true, timeoutMs, env: ourEnv() });
  if (code !== 0) console.log(output.trimEnd());
  say(`${code === 0 ? 'ok' : timedOut ? 'TIMED OUT' : 'FAILED'}: ${name} (${((performance.now() - startMs) / 1000).toFixed(1)} s)`);
  return one(name, code === 0);
}

/** More than these did not just meet a busy moment. */
const MOST_FILES_RUN_AGAIN = 3;

/**
 * Files that wait for processes and browsers and failed are run once more, by themselves: on a machine that others use,
 * something may take long for once. What then passes counts as passed, but is named at the end: it wants looking into.
 * @param {Step} step
 * @returns {Promise<Count>}
 */
async function runVitest({ name, timeoutMs }) {
  say(name);
  const { report, code, timedOut } = await vitest(name, timeoutMs);
  if (timedOut) say(`TIMED OUT: ${name} after ${timeoutMs / MINUTE_MS} minutes; what it had not begun is not counted`);
  const first = countReport(report, code);
  const files = failedFiles(report);
  if (name === 'unit' || timedOut || report === null || files.length === 0 || files.length > MOST_FILES_RUN_AGAIN) return first;

  for (const failure of first.failures) say(`failed, its file runs again: ${failure}`);
  const second = await vitest(name, timeoutMs, files);
  if (second.report === null) return first;
  const count = countReport(withSecondRun(report, second.report), second.code);
  return { ...count, unsteady: first.failures.filter((failure) => !count.failures.includes(failure)) };
}

/**
 * @param {string} project
 * @param {number} timeoutMs
 * @param {string[]} [files] paths; all without any
 * @returns {Promise<{ report: string | null, code: number, timedOut: boolean }>}
 */
async function vitest(project, timeoutMs, files = []) {
  const report = at(`node_modules/.cache/vitest-${project}.json`);
  mkdirSync(at('node_modules/.cache'), { recursive: true });
  rmSync(report, { force: true });
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const args = ['node_modules/vitest/vitest.mjs', 'run', '--project', project, ...reporters, ...files];
  const { code, timedOut } = await run(node24, args, { timeoutMs, env: ourEnv() });
  return { report: existsSync(report) ? readFileSync(report, 'utf8') : null, code, timedOut };
}
