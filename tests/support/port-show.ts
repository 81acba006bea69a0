/** The shipped port path in a small Electron app: a test card over MessagePorts to a utility process. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'vite';
import { expect } from 'vitest';
import { buildFixture } from './build-fixture.ts';
import { DesktopApp } from './desktop-app.ts';
import { recordFigure } from './figures.ts';
import { repoRoot } from './find-tools.ts';
import { OtherLoad } from './other-load.ts';

/** Of all cores. The app takes an eighth of two; what it lacks is its turn, when others have 80 % and ten more wait. */
const BUSY_FROM = 0.1;
const source = join(repoRoot, 'tests/e2e/electron-port');

/** Builds the app, runs it for so many seconds of 720p30, and judges what arrived. */
export async function judgePortShow(seconds: number): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'tidecast-port-'));
  try {
    await buildApp(directory);
    await judge(directory, seconds);
  } finally {
    await rm(directory, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function buildApp(directory: string): Promise<void> {
  for (const name of ['main', 'receiver']) await buildFixture(join(source, `${name}.ts`), directory, `${name}.cjs`);
  await build({
    configFile: false,
    logLevel: 'error',
    root: join(source, 'page'),
    base: './',
    worker: { format: 'es' },
    build: { outDir: join(directory, 'page'), target: 'chrome114' },
  });
}

async function judge(directory: string, seconds: number): Promise<void> {
  await using app = await DesktopApp.start({
    appPath: join(directory, 'main.cjs'),
    env: {
      TIDECAST_PORT_SECONDS: String(seconds),
      TIDECAST_PRELOAD: join(repoRoot, 'out/preload/bridge.cjs'),
      TIDECAST_DATA_DIR: join(directory, 'data'),
    },
  });
  const load = new OtherLoad();
  const line = await app.jsonLine((seconds + 60) * 1_000);
  const others = load.stop();
  const report = line as { wanted: number; distinct: number; wrongStrips: number; audioSeconds: number; p50Ms: number; p95Ms: number };
  recordFigure(`distinct ticks of ${report.wanted}`, report.distinct);
  recordFigure('transport p50', report.p50Ms, 'ms');
  recordFigure('transport p95', report.p95Ms, 'ms');
  recordFigure('seconds of sound', report.audioSeconds, 's');
  recordFigure("others' share of the machine", 100 * (others ?? Number.NaN), '%');
  expect(report.wanted).toBe(seconds * 30);
  expect(report.wrongStrips).toBe(0);
  // on a busy machine it is only shown that the path carries a show
  const quiet = others !== null && others < BUSY_FROM;
  expect(report.distinct).toBeGreaterThanOrEqual(report.wanted * (quiet ? 0.9 : 0.5));
  expect(report.audioSeconds).toBeGreaterThan(seconds * (quiet ? 0.97 : 0.9));
}
