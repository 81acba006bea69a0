/** Is out/ as new as what it is built from? */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { at, node24, ourEnv, run } from './run.mjs';
import { Failed, say } from './say.mjs';

/** build.mjs gives it the time at which the build began. */
export const BUILT = 'out/.built';
const SOURCES = [
  'src-shared',
  'src-main',
  'src-preload',
  'src-renderer',
  'viewer',
  'build',
  'electron.vite.config.ts',
  'package-lock.json',
];

/**
 * The latest change in a tree. Folders count too, so a removed file is a change.
 * @param {string} path
 * @returns {number} milliseconds since 1970; 0 if there is nothing
 */
export function newestMs(path) {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) return 0;
  if (!stat.isDirectory()) return isOutput(path) ? 0 : stat.mtimeMs;
  const own = holdsOutput(path) ? 0 : stat.mtimeMs;
  return readdirSync(path).reduce((newest, name) => Math.max(newest, newestMs(join(path, name))), own);
}

/** The WASM kernels are built beside their sources. */
const isOutput = (/** @type {string} */ path) => path.endsWith('.wasm');
const holdsOutput = (/** @type {string} */ folder) => readdirSync(folder).some(isOutput);

/** Builds out/ unless it is newer than every source. */
export async function ensureBuilt() {
  if (newestMs(at(BUILT)) > Math.max(...SOURCES.map((path) => newestMs(at(path))))) return;
  say('building');
  const { code } = await run(node24, ['build/build.mjs'], { env: ourEnv() });
  if (code !== 0) throw new Failed('The build failed; what is wrong stands above.');
}
