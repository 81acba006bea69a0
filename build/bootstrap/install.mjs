/** What must be there before anything of ours can run: a Node that is new enough, the packages, and Node 24. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { at, node24, run } from './run.mjs';
import { Failed, say } from './say.mjs';

const STAMP = 'node_modules/.tidecast-stamp';

/** @param {string} version as in process.versions.node */
export const nodeIsEnough = (version) => Number(version.split('.')[0]) >= 20;

/**
 * Identifies an installation: the same packages for the same platform. package.json counts without its scripts.
 * @param {string} manifest package.json's text
 * @param {string} lock package-lock.json's text
 */
export function installStamp(manifest, lock, platform = `${process.platform}-${process.arch}`) {
  const { dependencies, devDependencies, optionalDependencies, overrides, allowScripts } = JSON.parse(manifest);
  const asked = JSON.stringify({ dependencies, devDependencies, optionalDependencies, overrides, allowScripts });
  return createHash('sha256').update(asked).update('\0').update(lock).update('\0').update(platform).digest('hex');
}

/** Installs the packages if they are missing or others than the lock file names. */
export async function ensureDependencies() {
  if (!nodeIsEnough(process.versions.node)) {
    throw new Failed(
      `This is Node ${process.versions.node}; Tidecast needs Node 20 or newer to install itself. Get it from https://nodejs.org and try again.`,
    );
  }
  const stamp = installStamp(readFileSync(at('package.json'), 'utf8'), readFileSync(at('package-lock.json'), 'utf8'));
  if (!existsSync(at(STAMP)) || readFileSync(at(STAMP), 'utf8') !== stamp) {
    await install();
    writeFileSync(at(STAMP), stamp);
  }
  await ensureNode24();
}

async function install() {
  say('installing packages (about 650 MB, a minute or two the first time)');
  const startMs = performance.now();
  const ticking = setInterval(() => say(`still installing (${seconds(startMs)} s)`), 15_000);
  const { code, output } = await run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { quiet: true });
  clearInterval(ticking);
  if (code !== 0)
    throw new Failed(
      `npm ci failed; is the network up, and is there 1 GB of free disk? npm said:\n${output.trim().split('\n').slice(-20).join('\n')}`,
    );
  say(`packages installed (${seconds(startMs)} s)`);
}

/** The install script of the `node` package fetches the binary; npm may have been told to run no scripts. */
async function ensureNode24() {
  if (await runsNode24()) return;
  say('fetching Node 24');
  const { output } = await run('npm', ['rebuild', 'node', '--ignore-scripts=false'], { quiet: true });
  if (!(await runsNode24()))
    throw new Failed(`Node 24 could not be installed into ${node24}. npm said:\n${output.trim().split('\n').slice(-20).join('\n')}`);
}

async function runsNode24() {
  if (!existsSync(node24)) return false;
  const { code, output } = await run(node24, ['--version'], { quiet: true });
  return code === 0 && output.startsWith('v24.');
}

const seconds = (/** @type {number} */ sinceMs) => ((performance.now() - sinceMs) / 1000).toFixed(0);
