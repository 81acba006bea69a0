/**
 * The shell's part of the shipped way to run engine and encoder: utility processes that talk over a port of their own.
 * Native modules do not load in the stand-in Electron, so the two processes here are small ones that speak the same
 * protocol with the same code (../../src-main/process/parent-services.ts).
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { serviceFlags } from '../../src-main/process/service.ts';
import { buildFixture } from '../support/build-fixture.ts';
import { DesktopApp } from '../support/desktop-app.ts';
import { repoRoot } from '../support/find-tools.ts';

const source = join(repoRoot, 'tests/e2e/electron-services');
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tidecast-services-'));
  await buildFixture(join(source, 'main.ts'), directory, 'main.cjs');
  for (const name of ['engine', 'encoder']) await buildFixture(join(source, `${name}.ts`), directory, `${name}.js`);
}, 60_000);
afterAll(() => rm(directory, { recursive: true, force: true, maxRetries: 5 }));

test('a service is started for the engine, talks to it over their own port, and dies by SIGKILL even when it hangs', async () => {
  await using app = await DesktopApp.start({ appPath: join(directory, 'main.cjs') });
  expect(await app.jsonLine(60_000)).toEqual({
    type: 'report',
    kind: 'echo',
    bytes: [3, 2, 1],
    epochNs: String(2n ** 60n),
    args: ['--rate', '30'],
    flavour: 'tide',
    execArgv: [`--js-flags=${serviceFlags('encoder').join(' ')}`],
    pid: expect.any(Number),
    pidMatches: true,
    exitCode: expect.any(Number),
    found: false,
  });
});
