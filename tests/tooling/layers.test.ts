/** Checks that cannot fail are worthless: each forbidden import is planted in a small tree, and must be found. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { node24, repoRoot } from '../support/find-tools.ts';

const trees: string[] = [];
afterAll(() => {
  for (const tree of trees.splice(0)) rmSync(tree, { recursive: true });
});

/** A tree inside the repo's cache, so that packages are found as they are from the sources. */
function plant(files: Record<string, string>): string {
  mkdirSync(join(repoRoot, '.cache'), { recursive: true });
  const tree = mkdtempSync(join(repoRoot, '.cache/planted-'));
  trees.push(tree);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(tree, path)), { recursive: true });
    writeFileSync(join(tree, path), text);
  }
  return tree;
}

function check(script: string[]): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(node24, script, { cwd: repoRoot, encoding: 'utf8' });
  return { status, output: stdout + stderr };
}

const checkLayers = (tree: string) => check(['build/layers.mjs', tree]);
const target = 'export const value = 1;\n';

describe('a forbidden import', () => {
  /** rule, folder that imports, what it imports */
  const forbidden: [string, string, string][] = [
    ['shared-imports-only-zod', 'src-shared', 'ws'],
    ['shared-imports-only-zod', 'src-shared', 'node:fs'],
    ['wire-is-a-leaf', 'src-main/wire', 'node:net'],
    ['wire-is-a-leaf', 'src-main/wire', '../../src-shared/target.ts'],
    ['preload-is-thin', 'src-preload', 'node:path'],
    ['process-is-the-base', 'src-main/process', '../engine/target.ts'],
    ['processes-stay-apart', 'src-main/engine', '../encoder/target.ts'],
    ['processes-stay-apart', 'src-main/server', '../shell/target.ts'],
    ['hosts-stay-apart', 'src-main/headless', '../shell/target.ts'],
    ['pages-know-the-contract-only', 'src-renderer', '../src-main/wire/target.ts'],
    ['pages-know-the-contract-only', 'src-renderer', 'ws'],
    ['no-node-in-pages', 'viewer', 'node:fs'],
    ['electron-in-shell-only', 'src-main/engine', 'electron'],
    ['node-av-in-encoder-only', 'src-main/engine', 'node-av/lib'],
    ['sqlite-in-store-only', 'src-main/engine/session', 'better-sqlite3'],
    ['koffi-in-socket-info-only', 'src-main/engine/publish/rtmp', 'koffi'],
    ['processes-need-real-dependencies', 'src-main/engine', 'fast-check'],
    ['product-without-tests', 'src-shared', './target.test.ts'],
    ['no-broken-import', 'src-shared', './nowhere.ts'],
  ];
  const targets = [
    'src-shared/target.ts',
    'src-shared/target.test.ts',
    ...['engine', 'encoder', 'shell', 'wire'].map((name) => `src-main/${name}/target.ts`),
  ];
  let found: { status: number | null; output: string };

  beforeAll(() => {
    const planted = forbidden.map(([, folder, specifier], index) => [`${folder}/planted-${index}.ts`, `import '${specifier}';\n`]);
    const tree = plant({ ...Object.fromEntries(targets.map((file) => [file, target])), ...Object.fromEntries(planted) });
    found = checkLayers(tree);
  });

  test.each(forbidden.map((row, index) => [...row, index] as const))('%s: %s may not import %s', (rule, folder, _specifier, index) => {
    expect(found.output).toContain(`${rule}: ${folder}/planted-${index}.ts →`);
    expect(found.status).toBe(1);
  });
});

test('no-cycle: a cycle is found', () => {
  const { status, output } = checkLayers(plant({ 'src-shared/a.ts': "import './b.ts';\n", 'src-shared/b.ts': "import './a.ts';\n" }));
  expect(output).toContain('no-cycle: ');
  expect(status).toBe(1);
});

test('what the layers allow passes', () => {
  const { status, output } = checkLayers(
    plant({
      'src-shared/a.ts': "import 'zod';\n",
      'src-main/wire/a.ts': "import './b.ts';\n",
      'src-main/wire/b.ts': target,
      'src-main/engine/a.ts': "import '../wire/a.ts';\nimport '../process/a.ts';\nimport '../../src-shared/a.ts';\nimport 'ws';\n",
      'src-main/process/a.ts': "import 'node:net';\n",
      'src-main/encoder/a.ts': "import 'node-av/lib';\n",
      'src-main/engine/store/a.ts': "import 'better-sqlite3';\n",
      'src-main/shell/a.ts': "import 'electron';\nimport '../engine/a.ts';\n",
      'src-renderer/a.tsx': "import 'react';\nimport '../src-shared/a.ts';\n",
    }),
  );
  expect(output).toBe('layers: 9 files, 0 violations\n');
  expect(status).toBe(0);
});

test('an empty tree is not a passing tree', () => {
  expect(checkLayers(plant({ 'src-shared/readme.txt': '' })).status).toBe(1);
});

test.each([
  ['src-main/wire', ['Buffer.alloc(1)', 'document.title', 'performance.now()', 'process.exit()']],
  ['src-shared', ['Buffer.alloc(1)', 'window.open()', 'process.exit()']],
  ['src-main', ['document.title']],
  ['src-preload', ['process.exit()']],
  ['src-renderer', ['process.exit()', 'Buffer.alloc(1)']],
  ['viewer', ['Buffer.alloc(1)']],
])('the types of %s do not know %j', (layer, expressions) => {
  const tree = plant({
    'planted.ts': expressions.map((expression, index) => `export const planted${index} = () => ${expression};\n`).join(''),
    'tsconfig.json': JSON.stringify({ extends: join(repoRoot, layer, 'tsconfig.json'), include: ['planted.ts'], exclude: [] }),
  });
  const { status, output } = check(['node_modules/typescript/bin/tsc', '-p', tree]);
  const unknown = [...output.matchAll(/planted\.ts\((\d+),\d+\): error TS(?:2304|2580|2584|2591)/g)].map((match) => Number(match[1]));
  expect(unknown).toEqual(expressions.map((_, index) => index + 1));
  expect(status).not.toBe(0);
});
