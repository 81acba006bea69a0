/**
 * Takes a fresh clone to a running studio, or through its tests: `node build/bootstrap.mjs start|check|test|accept|bench|fuzz|tidecast`.
 * Needs nothing but Node 20, npm and git, so nothing in build/bootstrap may import a package.
 */
import { ensureDependencies } from './bootstrap/install.mjs';
import { at, node24, run } from './bootstrap/run.mjs';
import { Failed, say } from './bootstrap/say.mjs';

const USAGE = 'usage: node build/bootstrap.mjs start|check|test|accept|bench|fuzz|tidecast [options]';
const commands = {
  start: async (/** @type {string[]} */ options) => (await import('./bootstrap/start.mjs')).start(options),
  check: async () => (await import('./bootstrap/tiers.mjs')).runTiers(['check']),
  test: async () => (await import('./bootstrap/tiers.mjs')).runTiers(['check', 'integration', 'e2e']),
  accept: async (/** @type {string[]} */ options) => (await import('./bootstrap/accept.mjs')).accept(options),
  tidecast: async (/** @type {string[]} */ options) => (await import('./bootstrap/start.mjs')).commandLine(options),
  fuzz: async (/** @type {string[]} */ options) => (await run(node24, [at('tests/fuzz/main.ts'), ...options])).code ?? 1,
  bench: async (/** @type {string[]} */ options) => (await import('./bootstrap/bench.mjs')).bench(options),
};

try {
  const [name, ...options] = process.argv.slice(2);
  const command = Object.entries(commands).find(([known]) => known === name)?.[1];
  if (!command) throw new Failed(USAGE);
  await ensureDependencies();
  process.exitCode = await command(options);
} catch (error) {
  if (!(error instanceof Failed)) throw error;
  say(error.message);
  process.exitCode = 1;
}
