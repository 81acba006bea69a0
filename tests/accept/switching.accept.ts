/** Viewers go from one quality to another, by hand and because their network is too small, and the picture does not break. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Browser, chromium, type Page } from 'playwright-core';
import { build } from 'vite';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { KEY, Publishers, publishing, startServer, type TestServer, until } from '../integration/server-support.ts';
import { recordFigure } from '../support/figures.ts';
import { repoRoot, requireTool } from '../support/find-tools.ts';
import { HlsPages } from '../support/hls-page.ts';
import { findBreaks, PICTURE_WATCH, watched } from '../support/picture-watch.ts';
import { ViewerLink } from '../support/viewer-link.ts';

const publishers = new Publishers();
const viewerRoot = mkdtempSync(join(tmpdir(), 'tidecast-viewer-'));
const film = join(process.env['TIDECAST_MEDIA_DIR'] ?? '', 'presenter-720p30.mp4');
const SOURCE = { lines: 720, kbps: 2_400 };
const LOWER = { name: '360p', lines: 360 };
/** below the source and the first rung, above the others */
const THROTTLED_KBPS = 1_100;
let browser: Browser;
let pages: HlsPages;
let server: TestServer;
let link: ViewerLink;

beforeAll(async () => {
  await build({ configFile: join(repoRoot, 'viewer/vite.config.ts'), logLevel: 'warn', build: { outDir: viewerRoot, emptyOutDir: true } });
  const args = ['--no-sandbox', '--disable-gpu', '--autoplay-policy=no-user-gesture-required'];
  browser = await chromium.launch({ executablePath: requireTool('chromium'), args });
  pages = await HlsPages.open();
});
beforeEach(async () => {
  server = await startServer({}, { viewerRoot, ladder: { settings: { rungs: 'auto', encoders: ['libx264'] }, cores: 8 } });
  link = await ViewerLink.open(server.httpUrl);
  const clip = { seconds: 10, bitrateKbps: SOURCE.kbps, size: '1280x720', ...(existsSync(film) ? { film } : {}) };
  publishers.publish(await publishers.clip(clip), `${server.rtmpUrl}/live?key=${KEY}`);
  await until(() => publishing(server));
  await until(() => (server.stats()[0]?.gopCacheMs ?? 0) > 500);
});
afterEach(async () => {
  for (const context of browser.contexts()) await context.close();
  await link.close();
  await server.close();
});
afterAll(async () => {
  await browser.close();
  await pages.close();
  await publishers.close();
  rmSync(viewerRoot, { recursive: true });
});

async function openPage(latency: string): Promise<Page> {
  const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage();
  await page.addInitScript(PICTURE_WATCH);
  await page.goto(`${link.url}/watch/live?latency=${latency}`);
  await page.waitForSelector('body[data-state="playing"]');
  await settle(page);
  return page;
}

/** A busy machine may have it begin below the source: until it was there for a while. */
async function settle(page: Page): Promise<void> {
  for (;;) {
    await sleep(1_000);
    const { pictures, nowMs } = await watched(page);
    const lately = pictures.filter(({ atMs }) => atMs > nowMs - 6_000);
    if (lately.length > 100 && lately.every(({ lines }) => lines === SOURCE.lines)) return;
  }
}

const PLAYERS = {
  'HTTP-FLV': { open: () => openPage('lowest'), seamless: false },
  'LL-HLS': { open: () => openPage('stable'), seamless: true },
  HLS: { open: () => openPage('compatible'), seamless: true },
  /** hls.js by itself, as on other people's pages: the rung is not begun before it is wanted */
  'MPEG-TS': {
    open: async () => {
      const page = await pages.watch(`${link.url}/live/live/ts.m3u8`, { liveSyncDurationCount: 3 });
      await settle(page);
      return page;
    },
    seamless: true,
  },
} as const;
type Player = keyof typeof PLAYERS;

async function choose(page: Page, player: Player, rung: string): Promise<void> {
  if (player === 'MPEG-TS') return await page.evaluate(`hls.loadLevel = ${rung === 'source' ? 'hls.levels.length - 1' : 1}`);
  if (!(await page.isVisible('#menu'))) await page.keyboard.press('s');
  await page.click(`#rung-${rung}`);
}

/** @returns seconds until pictures are on the screen whose lines are so */
async function untilLines(page: Page, fromMs: number, isSo: (lines: number) => boolean): Promise<number> {
  for (;;) {
    const { pictures } = await watched(page);
    const first = pictures.find(({ atMs, lines }) => atMs >= fromMs && isSo(lines));
    if (first && isSo(pictures.at(-1)?.lines ?? 0)) return (first.atMs - fromMs) / 1_000;
    await sleep(100);
  }
}

async function breaksSince(page: Page, name: string, fromMs: number) {
  const breaks = findBreaks(await watched(page), fromMs);
  recordFigure(`${name}: stalls`, breaks.stallsMs.length);
  recordFigure(`${name}: longest time without a new picture`, breaks.longestMs, 'ms');
  recordFigure(`${name}: pictures shown twice or backwards`, breaks.backwardsMs.length);
  return breaks;
}

/** `waiting` without a gap is nothing that anybody sees. */
const NONE = { gaps: [], backwardsMs: [] };

test.each(Object.keys(PLAYERS) as Player[])('%s, by hand: down to a rung that nobody made, and back', async (player) => {
  const page = await PLAYERS[player].open();
  const fromMs = (await watched(page)).nowMs;
  await choose(page, player, LOWER.name);
  recordFigure(`${player}: down after`, await untilLines(page, fromMs, (lines) => lines === LOWER.lines), 's');
  await sleep(4_000);
  const down = await breaksSince(page, `${player}, down`, fromMs);
  const backFromMs = (await watched(page)).nowMs;
  await choose(page, player, 'source');
  recordFigure(`${player}: back after`, await untilLines(page, backFromMs, (lines) => lines === SOURCE.lines), 's');
  await sleep(4_000);
  const up = await breaksSince(page, `${player}, back`, backFromMs);
  if (PLAYERS[player].seamless) expect({ down, up }).toMatchObject({ down: NONE, up: NONE });
});

test.each(['HTTP-FLV', 'LL-HLS', 'HLS'] as const)(
  '%s, throttled below the top rung: down within 10 s, back within 30 s',
  async (player) => {
    const page = await PLAYERS[player].open();
    const fromMs = (await watched(page)).nowMs;
    const throttledMs = performance.now();
    link.kbps = THROTTLED_KBPS;
    recordFigure(`${player}: smaller pictures shown after`, await untilLines(page, fromMs, (lines) => lines < SOURCE.lines), 's');
    // what is in hand is shown first: of HLS some seconds
    const loaded = link.asked.find(({ path, atMs }) => atMs > throttledMs && /\/\d+p(\.flv|\/p?\d+\.m4s)/.test(path));
    const downS = ((loaded?.atMs ?? Number.NaN) - throttledMs) / 1_000;
    recordFigure(`${player}: down after`, downS, 's');
    await sleep(20_000); // long enough to try again in vain
    await breaksSince(page, `${player}, down`, fromMs);
    const settled = findBreaks(await watched(page), (await watched(page)).nowMs - 8_000);
    recordFigure(`${player}: stalls in the last 8 s of the small network`, settled.stallsMs.length);
    const backFromMs = (await watched(page)).nowMs;
    link.kbps = null;
    const upS = await untilLines(page, backFromMs, (lines) => lines === SOURCE.lines);
    recordFigure(`${player}: back after`, upS, 's');
    await sleep(3_000);
    const up = await breaksSince(page, `${player}, back`, backFromMs);
    expect(downS).toBeLessThan(10);
    expect(upS).toBeLessThan(30);
    if (PLAYERS[player].seamless) expect(up).toMatchObject(NONE);
  },
);
