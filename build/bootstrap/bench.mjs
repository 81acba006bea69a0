/** `npm run bench:NAME`: tests/bench/NAME.bench.ts under Node 24, on a fresh build. */
import { existsSync, readdirSync } from 'node:fs';
import { ensureBuilt } from './freshness.mjs';
import { at, node24, ourEnv, run } from './run.mjs';
import { Failed } from './say.mjs';

/** @param {string[]} args the bench's name and its options @returns {Promise<number>} the exit code */
export async function bench([name = '', ...options]) {
  const file = `tests/bench/${name}.bench.ts`;
  if (!existsSync(at(file))) {
    const known = readdirSync(at('tests/bench')).flatMap((entry) => entry.match(/(.+)\.bench\.ts$/)?.[1] ?? []);
    throw new Failed(`There is no bench ${name || 'without a name'}; there are: ${known.join(', ') || 'none'}.`);
  }
  await ensureBuilt();
  return (await run(node24, [file, ...options], { env: ourEnv() })).code;
}
