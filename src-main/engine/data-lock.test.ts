import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lockDataDirectory } from './data-lock.ts';

let directory: string;
beforeEach(() => void (directory = mkdtempSync(join(tmpdir(), 'tidecast-lock-'))));
afterEach(() => rmSync(directory, { recursive: true, force: true }));

test('a directory is locked once, and free again after its release', async () => {
  const first = await lockDataDirectory(directory);
  await expect(lockDataDirectory(directory)).rejects.toMatchObject({ code: 'store.in-use' });
  await first.release();
  await (await lockDataDirectory(directory)).release();
});

test('a lock whose owner was killed is taken over', async () => {
  const script = `require('node:net').createServer().listen(${JSON.stringify(join(directory, 'engine.lock'))}, () => process.kill(process.pid, 'SIGKILL'))`;
  expect(spawnSync(process.execPath, ['-e', script]).signal).toBe('SIGKILL');
  await (await lockDataDirectory(directory)).release();
});

test('a path too long for a socket is locked too', async () => {
  const deep = join(directory, 'x'.repeat(120));
  mkdirSync(deep);
  const first = await lockDataDirectory(deep);
  await expect(lockDataDirectory(deep)).rejects.toMatchObject({ code: 'store.in-use' });
  await first.release();
});
