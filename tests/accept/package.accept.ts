/** The packed application: made by electron-builder, started, and on air. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { FuseV1Options, getCurrentFuseWire } from '@electron/fuses';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { analysePictures, run } from '../support/broadcast-analysis.ts';
import { DesktopShow } from '../support/desktop-show.ts';
import { recordFigure } from '../support/figures.ts';
import { node24, repoRoot, requireElectron } from '../support/find-tools.ts';
import { untilGone } from '../support/processes.ts';
import { SHOW_FRAME_RATE, SHOW_HEIGHT_PX, SHOW_WIDTH_PX } from '../support/show.ts';

/** As the fuse wire holds them: the characters 0 and 1. */
const OFF = 0x30;
const ON = 0x31;

let directory: string;
let executable: string;

/** The shipped configuration; around a stand-in, which runs its engine in a Node beside it, with everything unpacked. */
function configuration(output: string): object {
  const { executablePath, standin } = requireElectron();
  const shipped = { extends: join(repoRoot, 'build/electron-builder.yml'), directories: { output }, electronDist: dirname(executablePath) };
  if (!standin) return shipped;
  return { ...shipped, electronVersion: '25.1.1', asarUnpack: ['**'], extraMetadata: { main: 'out/main/shell-standin.cjs' } };
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tidecast-package-'));
  const config = join(directory, 'electron-builder.json');
  await writeFile(config, JSON.stringify(configuration(join(directory, 'dist'))));
  const startMs = performance.now();
  await run(node24, [
    join(repoRoot, 'node_modules/electron-builder/cli.js'),
    '--linux',
    '--dir',
    '--projectDir',
    repoRoot,
    '--config',
    config,
  ]);
  console.log(`packed in ${((performance.now() - startMs) / 1_000).toFixed(0)} s`);
  executable = join(directory, 'dist/linux-unpacked/tidecast');
}, 300_000);

afterAll(() => rm(directory, { recursive: true, force: true, maxRetries: 5 }));

test('its fuses are set: no Node mode, no inspector, nothing but its own archive', async () => {
  const wire = await getCurrentFuseWire(executable);
  expect(wire).toMatchObject({
    [FuseV1Options.RunAsNode]: OFF,
    [FuseV1Options.EnableCookieEncryption]: ON,
    [FuseV1Options.EnableNodeOptionsEnvironmentVariable]: OFF,
    [FuseV1Options.EnableNodeCliInspectArguments]: OFF,
    [FuseV1Options.EnableEmbeddedAsarIntegrityValidation]: ON,
    [FuseV1Options.OnlyLoadAppFromAsar]: ON,
  });
});

test('the packed application starts, goes live, and quits in order', async () => {
  await using show = await DesktopShow.prepare({ executable, env: { TIDECAST_NODE: node24 } });
  await show.client.invoke('session.start');
  await show.awaitPictures(SHOW_FRAME_RATE, 40_000);
  const received = await analysePictures(await show.watch(5), { widthPx: SHOW_WIDTH_PX, heightPx: SHOW_HEIGHT_PX });
  recordFigure(`distinct ticks of ${received.pictures}`, received.distinctTicks);
  // how many of them is the question of electron.accept.ts; here: more than a second of moving pictures came through
  expect(received.distinctTicks).toBeGreaterThan(SHOW_FRAME_RATE);
  const processes = show.app.processes();
  expect(await show.app.quit(), show.app.output).toBe(0);
  expect(await untilGone(processes, 5_000)).toEqual([]);
});
