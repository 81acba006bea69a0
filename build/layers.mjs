/** Checks the layers: `node build/layers.mjs [ROOT]`. Fails on a forbidden import, and if it did not see every file. */
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { cruise } from 'dependency-cruiser';
import config from '../.dependency-cruiser.mjs';

const root = resolve(process.argv[2] ?? join(import.meta.dirname, '..'));
const folders = ['src-shared', 'src-main', 'src-preload', 'src-renderer', 'viewer', 'tests'].filter((folder) =>
  existsSync(join(root, folder)),
);

const { output } = await cruise(folders, {
  ...config.options,
  baseDir: root,
  validate: true,
  ruleSet: { forbidden: config.forbidden ?? [] },
});
if (typeof output === 'string') throw new Error(output);

// A cruise that cannot parse TypeScript sees nothing and so complains of nothing.
const seen = new Set(output.modules.map(({ source }) => source));
const files = folders.flatMap(sources);
const unseen = files.filter((file) => !seen.has(file));
for (const file of unseen) console.error(`not seen: ${file}`);

for (const { rule, from, to, cycle } of output.summary.violations)
  console.error(`${rule.name}: ${from} → ${cycle?.map(({ name }) => name).join(' → ') ?? to}`);
console.log(`layers: ${files.length} files, ${output.summary.violations.length} violations`);
if (unseen.length > 0 || files.length === 0 || output.summary.violations.length > 0) process.exitCode = 1;

/** @param {string} folder @returns {string[]} */
function sources(folder) {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name).replaceAll('\\', '/'))
    .filter((file) => /(?<!\.d)\.tsx?$/.test(file) && !file.includes('/assembly/'));
}
