/**
 * The rungs of a show, and hls.js by itself, as other people's pages have it, between them: by hand, and because its network
 * is too small. What the project's own page does there, and how soon, is in switching.accept.ts.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { GLASS_STAGES, type GlassStage } from '../../src-shared/domain/glass-stages.ts';
import { LatencyShow } from '../bench/latency-show.ts';
import { watchPage } from '../bench/latency-viewers.ts';
import { KEY, Publishers, startServer, type TestServer, until } from '../integration/server-support.ts';
import { recordFigure } from '../support/figures.ts';
import { HlsPages, seen } from '../support/hls-page.ts';
import { compareRung, openVariants } from '../support/rung-variants.ts';

const publishers = new Publishers();
const percentile = (values: readonly number[], share: number) =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? Number.NaN;
let pages: HlsPages;
let server: TestServer;

beforeAll(async () => {
  pages = await HlsPages.open();
  server = await startServer({}, { ladder: { settings: { rungs: 'auto', encoders: ['libx264'] }, cores: 8 } });
  const clip = await publishers.clip({ seconds: 8, bitrateKbps: 1_800, size: '640x360' });
  publishers.publish(clip, `${server.rtmpUrl}/live?key=${KEY}`);
  await until(() => (server.stats()[0]?.gopCacheMs ?? 0) > 500);
});
afterAll(async () => {
  await pages.close();
  await server.close();
  await publishers.close();
});

test('who watches a rung is told the delay by stage, the ladder’s own among them, and both ways of measuring it agree', async () => {
  await using show = await LatencyShow.start();
  const plan = { settleMs: 4_000, windowMs: 8_000, starts: 1 };
  const watched = await watchPage(`${show.viewerUrl}?quality=480p`, '480p.flv', plan, () => show.glassMs());
  const both = watched.samples.flatMap(({ byStreamMs: stream, byPictureMs: picture }) =>
    stream === null || picture === null ? [] : [{ stream, picture }],
  );
  const apartMs = percentile(
    both.map(({ stream, picture }) => Math.abs(stream - picture)),
    0.95,
  );
  const of = (stage: GlassStage) =>
    percentile(
      watched.samples.flatMap(({ stagesMs }) => stagesMs?.[stage] ?? []),
      0.5,
    );
  const stages = GLASS_STAGES.map((stage) => `${stage} ${Math.round(of(stage))}`).join(', ');
  const glassMs = percentile(
    both.map(({ picture }) => picture),
    0.5,
  );
  console.log(
    `a rung: ${Math.round(glassMs)} ms from glass to glass; ${stages}; the two ways ${apartMs.toFixed(1)} ms apart; ${both.length} pictures`,
  );
  expect(both.length).toBeGreaterThan(20); // the page reads the time code ten times a second
  expect(apartMs).toBeLessThan(50);
  expect(of('ladder')).toBeGreaterThan(1);
  expect(watched.studioMs).not.toBeNull();
});

test('as MPEG-TS, too, the rungs are variants whose segments begin alike, at the same times', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'tidecast-ladder-'));
  const { source, rung } = await openVariants(`${server.httpUrl}/live/live/ts.m3u8`);
  const { complaints, apartMs } = await compareRung(source, rung, { updates: 2, directory });
  expect(complaints).toEqual([]);
  expect(apartMs).toBeLessThan(1); // NaN, where one of them is missing, is not
  rmSync(directory, { recursive: true });
});

const lines = (page: Page) => page.evaluate('document.getElementById("video").videoHeight');

const CONFIG = { lowLatencyMode: true, maxLiveSyncPlaybackRate: 1.1 };

async function watch(): Promise<Page> {
  const page = await pages.watch(`${server.httpUrl}/live/live/index.m3u8`, CONFIG);
  await expect.poll(async () => (await seen(page)).playedS, { timeout: 60_000 }).toBeGreaterThan(2);
  expect(await page.evaluate('hls.levels.map(({ height }) => height)')).toEqual([240, 360]);
  return page;
}

/** @returns ms until pictures of so many lines are on the screen */
async function untilLines(page: Page, wanted: number, timeout: number): Promise<number> {
  const sinceMs = performance.now();
  await expect.poll(() => lines(page), { timeout, interval: 100 }).toBe(wanted);
  return Math.round(performance.now() - sinceMs);
}

test('hls.js by itself, by hand: over to a quality that is made for it, and back, with stalls but no fatal error', async () => {
  const page = await watch();
  const before = (await seen(page)).stalls;
  await page.evaluate('hls.nextLevel = 0');
  const downMs = await untilLines(page, 240, 30_000);
  await page.evaluate('hls.nextLevel = 1');
  const upMs = await untilLines(page, 360, 30_000);
  const { errors, stalls } = await seen(page);
  recordFigure('down after', downMs, 'ms');
  recordFigure('back after', upMs, 'ms');
  recordFigure('stalls', stalls - before); // it stops loading as soon as it is told: nothing here prevents them
  expect(errors.filter((error) => error.includes('fatal'))).toEqual([]);
  await page.context().close();
});

test('hls.js by itself, throttled below the source: down within 25 s by its own estimate, back within 30 s', async () => {
  const page = await watch();
  const network = await page.context().newCDPSession(page);
  const throttle = (kbps: number) =>
    network.send('Network.emulateNetworkConditions', {
      offline: false,
      latency: 20,
      downloadThroughput: kbps < 0 ? -1 : (kbps * 1_000) / 8,
      uploadThroughput: -1,
    });
  await network.send('Network.enable');
  await throttle(1_200);
  const downMs = await untilLines(page, 240, 60_000);
  await throttle(-1);
  const upMs = await untilLines(page, 360, 60_000);
  recordFigure('down after', downMs, 'ms');
  recordFigure('back after', upMs, 'ms');
  recordFigure('stalls', (await seen(page)).stalls);
  // of these hls.js takes 14 s to believe it (it estimates by whole fragments), the ladder and the way to the screen 2 s
  expect(downMs).toBeLessThan(25_000);
  expect(upMs).toBeLessThan(30_000);
  await page.context().close();
});
