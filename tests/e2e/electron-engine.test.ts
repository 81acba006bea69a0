/** The shipped way to start the engine, where the engine does not come up. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildFixture } from '../support/build-fixture.ts';
import { DesktopApp } from '../support/desktop-app.ts';
import { repoRoot } from '../support/find-tools.ts';

const source = join(repoRoot, 'tests/e2e/electron-engine');
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tidecast-engine-'));
  await buildFixture(join(source, 'main.ts'), directory, 'main.cjs');
  await buildFixture(join(source, 'engine.ts'), directory, 'engine.js');
}, 60_000);
afterAll(() => rm(directory, { recursive: true, force: true, maxRetries: 5 }));

test('an engine that failed to start ends, so that the next one finds the data folder free', async () => {
  await using app = await DesktopApp.start({ appPath: join(directory, 'main.cjs') });
  expect(await app.jsonLine(30_000)).toEqual({ code: 'store.in-use', ended: true });
});
