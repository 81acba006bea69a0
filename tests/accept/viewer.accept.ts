/** The viewer page on bad days: a long pause, a publisher that dies, a server that restarts, pictures damaged or lost on their way. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Browser, chromium, type Page } from 'playwright-core';
import { build } from 'vite';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { smallProfile } from '../integration/engine-support.ts';
import { KEY, Publishers, publishing, startServer, type TestServer, until } from '../integration/server-support.ts';
import { startHost } from '../support/engine-harness.ts';
import { recordFigure } from '../support/figures.ts';
import { repoRoot, requireTool } from '../support/find-tools.ts';
import { HostFeeder } from '../support/host-feeder.ts';
import { ViewerLink } from '../support/viewer-link.ts';

const publishers = new Publishers();
const viewerRoot = mkdtempSync(join(tmpdir(), 'tidecast-viewer-'));
let browser: Browser;
let server: TestServer;
let link: ViewerLink;

beforeAll(async () => {
  await build({ configFile: join(repoRoot, 'viewer/vite.config.ts'), logLevel: 'warn', build: { outDir: viewerRoot, emptyOutDir: true } });
  browser = await chromium.launch({
    executablePath: requireTool('chromium'),
    args: ['--no-sandbox', '--disable-gpu', '--autoplay-policy=no-user-gesture-required'],
  });
});
beforeEach(async () => {
  server = await startServer({}, { viewerRoot });
});
afterEach(async () => {
  for (const context of browser.contexts()) await context.close();
  await link.close();
  await server.close();
});
afterAll(async () => {
  await browser.close();
  await publishers.close();
  rmSync(viewerRoot, { recursive: true });
});

const publish = (clip: string, name = 'live') => publishers.publish(clip, `${server.rtmpUrl}/${name}?key=${KEY}`);

/** by what the page is asked for */
const PLAYERS = { 'HTTP-FLV': 'lowest', 'LL-HLS': 'stable', HLS: 'compatible' } as const;
type Player = keyof typeof PLAYERS;
const players = Object.keys(PLAYERS) as Player[];

async function openPage(player: Player, name = 'live'): Promise<Page> {
  const page = await (await browser.newContext()).newPage();
  await page.goto(`${link.url}/watch/${name}?latency=${PLAYERS[player]}`);
  await reach(page, 'playing');
  return page;
}

const reach = (page: Page, state: string) => page.waitForSelector(`body[data-state="${state}"]`);
/** where what came so far ends */
const mediaEndS = (page: Page) =>
  page.$eval('video', ({ buffered, currentTime }) => (buffered.length > 0 ? buffered.end(buffered.length - 1) : currentTime));
const mediaTimeS = (page: Page) => page.$eval('video', ({ currentTime }) => currentTime);

/** @returns whether a picture moves on, at the live edge */
async function isLive(page: Page): Promise<boolean> {
  const beforeS = await mediaTimeS(page);
  await sleep(200);
  return (await mediaTimeS(page)) > beforeS && (await page.getAttribute('#to-live', 'aria-pressed')) === 'true';
}

/** Or half a minute, which is longer than anything may take. */
async function secondsUntil(condition: () => boolean | Promise<boolean>): Promise<number> {
  const fromMs = performance.now();
  while (!(await condition()) && performance.now() - fromMs < 30_000) await sleep(50);
  return (performance.now() - fromMs) / 1_000;
}

test.each(players)('%s, paused for 10 s: it catches up', async (player) => {
  link = await ViewerLink.open(server.httpUrl);
  publish(await publishers.clip({ bitrateKbps: 1_200 }));
  const page = await openPage(player);
  await sleep(5_000);
  await page.keyboard.press('k');
  await reach(page, 'paused');
  await sleep(10_000);
  await page.keyboard.press('k');
  const caughtUpS = await secondsUntil(() => isLive(page));
  recordFigure(`${player}: caught up after a pause in`, caughtUpS, 's');
  expect(caughtUpS).toBeLessThan(5);
});

test('HLS: who is late by a pause is played faster until live; who went back in the show goes on from there', async () => {
  link = await ViewerLink.open(server.httpUrl);
  publish(await publishers.clip({ bitrateKbps: 1_200 }));
  const page = await openPage('HLS');
  const rate = () => page.$eval('video', ({ playbackRate }) => playbackRate);
  await page.waitForSelector('#seek', { timeout: 60_000 });
  await secondsUntil(async () => (await rate()) === 1);
  await page.$eval('video', (video) => video.pause()); // by a media key, which does not lead to live
  await sleep(4_000);
  await page.$eval('video', (video) => video.play());
  await secondsUntil(async () => (await rate()) > 1);
  expect(await rate()).toBe(1.08);
  recordFigure('caught up in', await secondsUntil(async () => (await rate()) === 1), 's');
  expect(await isLive(page)).toBe(true);
  const wasS = await mediaTimeS(page);
  for (let i = 0; i < 2; i += 1) await page.keyboard.press('ArrowLeft');
  await reach(page, 'playing');
  await page.keyboard.press('k');
  await reach(page, 'paused');
  const placeS = await mediaTimeS(page);
  expect(placeS).toBeLessThan(wasS - 5);
  await sleep(3_000);
  await page.keyboard.press('k');
  await reach(page, 'playing');
  await sleep(2_000);
  expect((await mediaTimeS(page)) - placeS).toBeLessThan(3);
  expect(await rate()).toBe(1);
  await page.keyboard.press('l');
  expect(await secondsUntil(() => isLive(page))).toBeLessThan(5);
});

test.each(players)('%s, a publisher dies and is back within 10 s: the page stays connected, and resumes by itself', async (player) => {
  link = await ViewerLink.open(server.httpUrl);
  const clip = await publishers.clip({ bitrateKbps: 1_200 });
  const first = publish(clip);
  const page = await openPage(player);
  await sleep(5_000);
  first.child.kill('SIGKILL');
  await sleep(8_000);
  const opened: string[] = [];
  page.on('request', (request) => /\.flv|index\.m3u8/.test(request.url()) && opened.push(request.url()));
  const endS = await mediaEndS(page); // HLS still plays what it has in hand: only what lies beyond is of the new publisher
  publish(clip);
  await until(() => publishing(server));
  const backS = await secondsUntil(async () => (await mediaTimeS(page)) > endS + 0.3);
  recordFigure(`${player}: playing after the publisher was back in`, backS, 's');
  await reach(page, 'playing');
  await sleep(3_000);
  expect(await mediaTimeS(page)).toBeGreaterThan(endS + 2);
  expect(opened).toEqual([]); // no new connection
  expect(backS).toBeLessThan(8);
});

test.each(players)('%s, a server that restarts: viewers are back within 5 s of it', async (player) => {
  link = await ViewerLink.open(server.httpUrl);
  const clip = await publishers.clip({ bitrateKbps: 1_200 });
  publish(clip);
  const page = await openPage(player);
  const { rtmpPort, httpPort } = server;
  await server.close();
  await reach(page, 'offline');
  await sleep(8_000);
  server = await startServer({}, { viewerRoot, rtmpPort, httpPort });
  publish(clip);
  await until(() => publishing(server));
  const fromMs = performance.now();
  await reach(page, 'playing');
  const backS = (performance.now() - fromMs) / 1_000;
  recordFigure(`${player}: playing after a restart in`, backS, 's');
  expect(backS).toBeLessThan(5);
});

/** What a demuxer sees at once: a length that leads beyond the picture (ISO/IEC 14496-15, 5.3.3). */
function cutLength(picture: Buffer): void {
  picture.writeUInt32BE(0x7fffffff, 0);
}

/** A relay that leaves a tag out: one of a type that nobody knows is skipped. Its header lies right before it (E.4.1). */
function loseTag(picture: Buffer): void {
  new Uint8Array(picture.buffer, picture.byteOffset - 16, 1)[0] = 11;
}

/** the longest that a profile takes */
const GOP_S = 10;

test.each([
  ['damaged', cutLength],
  ['lost', loseTag],
] as const)('a picture that is %s on its way: an IDR is asked for, and comes within 1 s', async (_, damage) => {
  const host = await startHost();
  await host.client.invoke('profile.save', smallProfile({ video: { keyframeIntervalS: GOP_S } }));
  const feeder = await HostFeeder.attach(host);
  await until(async () => (await host.client.invoke('studio.info')).viewerUrl !== null);
  link = await ViewerLink.open((await host.client.invoke('studio.info')).viewerUrl as string);
  await host.client.invoke('session.start');
  const page = await openPage('HTTP-FLV', 'rehearsal');
  await sleep(4_000); // the joining viewer's own IDR is past
  const damagedMs = await link.damageNext(damage);
  await until(() => link.keyframeRequestsMs.some((atMs) => atMs > damagedMs));
  const askedMs = link.keyframeRequestsMs.find((atMs) => atMs > damagedMs) ?? Number.NaN;
  await until(() => link.idrsMs.some((atMs) => atMs > askedMs));
  const idrMs = link.idrsMs.find((atMs) => atMs > askedMs) ?? Number.NaN;
  recordFigure('noticed after', askedMs - damagedMs, 'ms');
  recordFigure('from the request to the IDR', idrMs - askedMs, 'ms');
  await reach(page, 'playing');
  expect(askedMs - damagedMs).toBeLessThan(1_000);
  expect(idrMs - askedMs).toBeLessThan(1_000);
  // the next one by the encoder's own count would have come later
  expect(idrMs - Math.max(...link.idrsMs.filter((atMs) => atMs < damagedMs))).toBeLessThan((GOP_S - 1) * 1_000);
  await feeder.close();
  await host.stop();
});
