/** The viewer page on bad days: a slow network, a long pause, a server that restarts, pictures damaged on their way. */
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
const LOW = { name: '180p', kbps: 300 };
const TOP_KBPS = 2_400;
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

async function openPage(name = 'live'): Promise<Page> {
  const page = await (await browser.newContext()).newPage();
  await page.goto(`${link.url}/watch/${name}`);
  await reach(page, 'playing');
  return page;
}

const reach = (page: Page, state: string) => page.waitForSelector(`body[data-state="${state}"]`);
const bufferS = async (page: Page) => Number.parseFloat((await page.textContent('#buffer')) ?? '');

async function secondsUntil(condition: () => boolean | Promise<boolean>): Promise<number> {
  const fromMs = performance.now();
  while (!(await condition())) await sleep(50);
  return (performance.now() - fromMs) / 1_000;
}

test('throttled below the top rung it goes down within 10 s, and back within 30 s', async () => {
  server.setStreams([
    { name: 'live', key: KEY },
    { name: 'low', key: 'low' },
  ]);
  const codecs = ['avc1.42c00d', 'mp4a.40.2'];
  const rung = (name: string, bitrateKbps: number, heightPx: number) => ({ name, widthPx: heightPx * 2, heightPx, bitrateKbps, codecs });
  link = await ViewerLink.open(server.httpUrl, {
    route: (path) => path.replace(`/live/live/${LOW.name}.flv`, '/live/low.flv'),
    rewrite: (path, json) =>
      path.startsWith('/api/streams/live') ? { ...json, rungs: [rung('source', TOP_KBPS, 720), rung(LOW.name, LOW.kbps, 180)] } : json,
  });
  publish(await publishers.clip({ bitrateKbps: TOP_KBPS }));
  publishers.publish(await publishers.clip({ bitrateKbps: LOW.kbps }), `${server.rtmpUrl}/low?key=low`);
  await until(() => publishing(server));
  const page = await openPage();
  await sleep(6_000);
  expect(link.opened.filter((path) => path.includes(LOW.name))).toEqual([]);
  link.kbps = 900;
  const downS = await secondsUntil(() => link.opened.some((path) => path.includes(LOW.name)));
  recordFigure('down a rung after', downS, 's');
  await reach(page, 'playing');
  await sleep(15_000); // long enough to try again in vain
  expect(link.opened.at(-1)).toContain(LOW.name);
  const openedBefore = link.opened.length;
  link.kbps = null;
  const upS = await secondsUntil(() => link.opened.length > openedBefore && !link.opened.at(-1)?.includes(LOW.name));
  recordFigure('back at the top after', upS, 's');
  await reach(page, 'playing');
  expect(downS).toBeLessThan(10);
  expect(upS).toBeLessThan(30);
});

test('paused for 10 s it catches up', async () => {
  link = await ViewerLink.open(server.httpUrl);
  publish(await publishers.clip({ bitrateKbps: 1_200 }));
  const page = await openPage();
  await sleep(3_000);
  await page.keyboard.press('k');
  await reach(page, 'paused');
  await sleep(10_000);
  await page.keyboard.press('k');
  const caughtUpS = await secondsUntil(async () => (await bufferS(page)) < 1.5);
  recordFigure('caught up after a pause in', caughtUpS, 's');
  expect(caughtUpS).toBeLessThan(5);
});

test('a server that restarts: viewers are back within 5 s of it', async () => {
  link = await ViewerLink.open(server.httpUrl);
  const clip = await publishers.clip({ bitrateKbps: 1_200 });
  publish(clip);
  const page = await openPage();
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
  recordFigure('playing after a restart in', backS, 's');
  expect(backS).toBeLessThan(5);
});

/** What a demuxer sees at once: a length that leads beyond the picture (ISO/IEC 14496-15, 5.3.3). */
function cutLength(picture: Buffer): void {
  picture.writeUInt32BE(0x7fffffff, 0);
}

test('a picture that is damaged on its way: an IDR is asked for, and comes within 1 s', async () => {
  const host = await startHost();
  await host.client.invoke('profile.save', smallProfile({ video: { keyframeIntervalS: 10 } }));
  const feeder = await HostFeeder.attach(host);
  await until(async () => (await host.client.invoke('studio.info')).viewerUrl !== null);
  link = await ViewerLink.open((await host.client.invoke('studio.info')).viewerUrl as string);
  await host.client.invoke('session.start');
  const page = await openPage('rehearsal');
  await sleep(4_000); // the joining viewer's own IDR is past
  const damagedMs = await link.damageNext(cutLength);
  await until(() => link.keyframeRequestsMs.some((atMs) => atMs > damagedMs));
  const askedMs = link.keyframeRequestsMs.find((atMs) => atMs > damagedMs) ?? Number.NaN;
  await until(() => link.idrsMs.some((atMs) => atMs > askedMs));
  const idrMs = link.idrsMs.find((atMs) => atMs > askedMs) ?? Number.NaN;
  recordFigure('noticed after', askedMs - damagedMs, 'ms');
  recordFigure('from the request to the IDR', idrMs - askedMs, 'ms');
  await reach(page, 'playing');
  expect(idrMs - askedMs).toBeLessThan(1_000);
  await feeder.close();
  await host.stop();
});
