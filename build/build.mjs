/**
 * Builds everything into out/: the WASM kernels, the processes, the preload, the studio, the viewer page, and the
 * shell for the stand-in Electron. `node build/build.mjs [--only wasm|studio|viewer]`
 */
import { spawnSync } from 'node:child_process';
import { utimesSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { BUILT } from './bootstrap/freshness.mjs';

const root = resolve(import.meta.dirname, '..');
const vite = 'node_modules/vite/bin/vite.js';

const steps = [
  { name: 'wasm', args: ['build/wasm.mjs'] },
  {
    name: 'studio',

    args: ['node_modules/electron-vite/bin/electron-vite.js', 'build', '--logLevel', 'warn'],
  },
  { name: 'viewer', args: [vite, 'build', '--config', 'viewer/vite.config.ts', '--logLevel', 'warn'] },
  {
    name: 'stand-in shell',

    args: [vite, 'build', '--config', 'build/standin.vite.config.ts', '--logLevel', 'warn'],
  },
];

const only = process.argv.includes('--only') ? process.argv[process.argv.indexOf('--only') + 1] : null;
const began = new Date();
for (const { name, args } of steps) {
  if (only && name !== only) continue;
  const startMs = performance.now();
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0) {
    console.error(`build: ${name} failed`);
    process.exit(status ?? 1);
  }
  console.log(`build: ${name} ${((performance.now() - startMs) / 1000).toFixed(1)} s`);
}
if (!only) {
  writeFileSync(resolve(root, BUILT), '');
  utimesSync(resolve(root, BUILT), began, began); // what was edited meanwhile is newer
}
