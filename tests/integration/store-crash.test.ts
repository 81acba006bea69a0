import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openStore } from '../../src-main/engine/store/client.ts';

/** The real workers that were started, so that a test can end one. */
const workers = vi.hoisted(() => [] as Worker[]);
vi.mock('node:worker_threads', async (original) => {
  const real = await original<typeof import('node:worker_threads')>();
  class RememberedWorker extends real.Worker {
    constructor(...args: ConstructorParameters<typeof real.Worker>) {
      super(...args);
      workers.push(this);
    }
  }
  return { ...real, Worker: RememberedWorker };
});

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tidecast-store-'));
  workers.length = 0;
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const KILLS = 8;

test(`${KILLS} kills in mid-write: the file is whole each time, and nothing committed is missing`, { timeout: 60_000 }, async () => {
  let committed = { revision: 0, id: 0 };
  for (let kill = 0; kill < KILLS; kill++) {
    committed = await writeUntilKilled(kill * 23);
    await using store = await openStore(directory);
    expect(store.incidents).toEqual([]);
    const { revision, collection } = await store.collection.get();
    expect(revision).toBeGreaterThanOrEqual(committed.revision);
    expect(collection.name).toBe(`revision ${revision}`);
    const newest = (await store.activities.list(1)).at(-1);
    expect(newest?.id).toBeGreaterThanOrEqual(committed.id);
    expect(newest?.atMs).toBeGreaterThanOrEqual(revision - 1);
  }
  expect(committed.revision).toBeGreaterThan(KILLS);
});

/** @returns the last commit that the writer had reported when it was killed, some time after its first */
async function writeUntilKilled(afterMs: number): Promise<{ revision: number; id: number }> {
  const writer = spawn(process.execPath, [fileURLToPath(new URL('./store-writer.ts', import.meta.url)), directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = collectLines(writer);
  await once(writer.stdout, 'data');
  await new Promise((resolve) => setTimeout(resolve, afterMs));
  writer.kill('SIGKILL');
  await once(writer, 'close');
  return JSON.parse(lines().at(-1) ?? '');
}

function collectLines(child: ChildProcess): () => string[] {
  let text = '';
  child.stdout?.on('data', (chunk: Buffer) => (text += chunk.toString()));
  return () => text.split('\n').slice(0, -1); // the last may be cut off
}

test('a worker that dies: the call in flight says so, the next one is answered, what was saved is there', async () => {
  const lines: string[] = [];
  await using store = await openStore(directory, { log: (line) => lines.push(line) });
  await store.settings.set('safe', 1);
  const inFlight = store.settings.set('unsure', 1);
  await Promise.all([expect(inFlight).rejects.toMatchObject({ code: 'store.unavailable' }), workers[0]?.terminate()]);
  expect(await store.settings.get('safe')).toBe(1);
  await store.settings.set('after', 2);
  expect(await store.settings.get('after')).toBe(2);
  expect(workers).toHaveLength(2);
  expect(lines.join()).toContain('starting it again');
});

test('a worker that keeps dying is given up with a clear error', async () => {
  await using store = await openStore(directory);
  for (let death = 0; death < 4; death++) {
    await store.settings.get('any');
    await workers.at(-1)?.terminate();
  }
  await expect(store.settings.get('any')).rejects.toMatchObject({
    code: 'store.unavailable',
    message: expect.stringContaining('Start Tidecast again'),
  });
  expect(workers).toHaveLength(4);
});

test('calls after closing are refused, and closing twice is closing once', async () => {
  const store = await openStore(directory);
  const last = store.settings.set('last', true);
  await Promise.all([store.close(), store.close(), last]);
  await expect(store.settings.get('last')).rejects.toMatchObject({ code: 'store.unavailable' });
  await using again = await openStore(directory);
  expect(await again.settings.get('last')).toBe(true);
});
