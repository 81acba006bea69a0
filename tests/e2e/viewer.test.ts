/** The viewer page in a real browser, with a real publisher. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { build } from 'vite';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { FlvViewer, KEY, Publishers, startServer, type TestServer } from '../integration/server-support.ts';
import { expectAccessible } from '../support/accessibility.ts';
import { repoRoot, requireTool } from '../support/find-tools.ts';

const publishers = new Publishers();
const viewerRoot = mkdtempSync(join(tmpdir(), 'tidecast-viewer-'));
let browser: Browser;
let clip: string;
let server: TestServer;
let problems: string[];

beforeAll(async () => {
  await build({ configFile: join(repoRoot, 'viewer/vite.config.ts'), logLevel: 'warn', build: { outDir: viewerRoot, emptyOutDir: true } });
  clip = await publishers.clip({ bitrateKbps: 1_200 });
  browser = await launch();
});
beforeEach(async () => {
  problems = [];
  server = await startServer({}, { viewerRoot });
});
afterEach(async () => {
  for (const context of browser.contexts()) await context.close();
  await server.close();
  expect(problems).toEqual([]);
});
afterAll(async () => {
  await browser.close();
  await publishers.close();
  rmSync(viewerRoot, { recursive: true });
});

/** Desktop Chromium's own rule: no sound before a gesture. */
function launch(...flags: string[]): Promise<Browser> {
  return chromium.launch({ executablePath: requireTool('chromium'), args: ['--no-sandbox', '--disable-gpu', ...flags] });
}

async function openPage(options: BrowserContextOptions = {}, from = browser, path = 'live'): Promise<Page> {
  const page = await (await from.newContext({ viewport: { width: 1280, height: 720 }, ...options })).newPage();
  page.on('pageerror', (error) => void problems.push(error.message));
  page.on('console', (message) => {
    // a server that is away is what some tests are about, and the browser says so by itself
    if (message.type() === 'error' && !/net::ERR_(CONNECTION_REFUSED|EMPTY_RESPONSE|CONNECTION_RESET|INCOMPLETE)/.test(message.text()))
      problems.push(message.text());
  });
  await page.goto(`${server.httpUrl}/watch/${path}`);
  return page;
}

const publish = () => publishers.publish(clip, `${server.rtmpUrl}/live?key=${KEY}`);
const reach = (page: Page, state: string) => page.waitForSelector(`body[data-state="${state}"]`);

interface Playback {
  mediaTimeS: number;
  frames: number;
  muted: boolean;
}

const playback = (page: Page): Promise<Playback> =>
  page.$eval('video', (video) => ({
    mediaTimeS: video.currentTime,
    frames: video.getVideoPlaybackQuality().totalVideoFrames,
    muted: video.muted,
  }));

/** Waits until another 30 pictures were decoded and time went on. */
async function expectMoving(page: Page): Promise<void> {
  const before = await playback(page);
  await expect.poll(async () => (await playback(page)).frames, { timeout: 30_000 }).toBeGreaterThan(before.frames + 30);
  await expect.poll(async () => (await playback(page)).mediaTimeS).toBeGreaterThan(before.mediaTimeS + 0.5);
}

test('waits for the show, plays it, and says how far behind it is', async () => {
  const page = await openPage();
  await reach(page, 'waiting');
  expect(await page.textContent('[role=status]')).toContain('Waiting for the show');
  expect(await page.isVisible('#controls')).toBe(false);
  publish();
  await reach(page, 'playing');
  await expectMoving(page);
  await expect.poll(() => page.textContent('#chip')).toBe('Rehearsal'); // nobody but this machine can watch
  await expect.poll(() => page.textContent('#to-live')).toMatch(/newest/i); // and nothing says that it is live
  await expect.poll(() => page.$eval('#to-live i', (dot) => getComputedStyle(dot).backgroundColor)).not.toBe('rgb(255, 77, 90)');
  await expect.poll(() => page.textContent('#viewer-count')).toBe('1 viewer');
  await expect.poll(() => page.textContent('#picture')).toBe('320×180 · 30 fps');
  const latencyS = async () => Number.parseFloat((await page.textContent('#latency')) ?? '');
  await expect.poll(latencyS).toBeGreaterThan(0);
  await expect.poll(latencyS).toBeLessThan(5);
});

test('over TLS, published by RTMPS: a private show plays for who has its key, by HTTP/2 and by HTTP/1.1', async () => {
  await server.close();
  server = await startServer({}, { viewerRoot, secure: true, playKey: 'open' });
  publishers.publish(clip, `${server.rtmpsUrl}/live?key=${KEY}`);
  const old = await launch('--disable-http2');
  try {
    for (const [from, protocol] of [[browser, 'h2'] as const, [old, 'http/1.1'] as const]) {
      const page = await (await from.newContext({ ignoreHTTPSErrors: true })).newPage();
      await page.goto(`${server.httpUrl}/watch/live`);
      await reach(page, 'private');
      expect(await page.textContent('[role=status]')).toContain('This show is private');
      page.on('pageerror', (error) => void problems.push(error.message));
      await page.goto(`${server.httpUrl}/watch/live?key=open`);
      await reach(page, 'playing');
      await expectMoving(page);
      const [navigation] = await page.evaluate(() => performance.getEntriesByType('navigation') as PerformanceNavigationTiming[]);
      expect(navigation?.nextHopProtocol).toBe(protocol);
      await page.context().close();
    }
  } finally {
    await old.close();
  }
});

test('the latency shown is the time from the server to the screen', async () => {
  // one long GOP, so that a viewer who came first and the page count from the same picture
  const witness = await FlvViewer.open(`${server.httpUrl}/live/live.flv`);
  publishers.publish(await publishers.clip({ seconds: 20, gopFrames: 600, bFrames: 2 }), `${server.rtmpUrl}/live?key=${KEY}`);
  const page = await openPage();
  await reach(page, 'playing');
  await expectMoving(page);
  // the show is caught up with now and then: what is said a moment before or after is then not what was
  await expect.poll(() => latencyErrorMs(page, witness), { timeout: 60_000, interval: 0 }).toBeLessThan(150);
  witness.close();
});

/** How far the latency shown is from the time between the arrival of pictures at a viewer beside it and their display. */
async function latencyErrorMs(page: Page, witness: FlvViewer): Promise<number> {
  const shown = await page.$eval('video', async (video) => {
    const frames: { mediaTimeMs: number; shownAtMs: number }[] = [];
    while (frames.length < 30) {
      await new Promise<void>((resolve) => {
        video.requestVideoFrameCallback((_nowMs, { mediaTime, expectedDisplayTime }) => {
          frames.push({ mediaTimeMs: mediaTime * 1_000, shownAtMs: performance.timeOrigin + expectedDisplayTime });
          resolve();
        });
      });
    }
    return { frames, claimed: document.getElementById('latency')?.textContent };
  });
  const delaysMs = shown.frames.map(({ mediaTimeMs, shownAtMs }) => {
    const frame = witness.videos.find(({ timestampMs, compositionMs }) => Math.abs(timestampMs + compositionMs - mediaTimeMs) <= 2);
    return shownAtMs - (frame?.arrivedAtMs ?? Number.NaN);
  });
  const trueMs = delaysMs.toSorted((a, b) => a - b)[delaysMs.length >> 1] as number;
  return Math.abs(Number.parseFloat(shown.claimed ?? '') * 1_000 - trueMs);
}

test('a publisher that dies and returns: the page says so, and goes on over the same connection', async () => {
  const first = publish();
  const page = await openPage();
  await reach(page, 'playing');
  const streams: string[] = [];
  page.on('request', (request) => request.url().includes('.flv') && streams.push(request.url()));
  first.child.kill('SIGKILL');
  await reach(page, 'away');
  expect(await page.textContent('[role=status]')).toContain('right back');
  publish();
  await reach(page, 'playing');
  await expectMoving(page);
  expect(streams).toEqual([]); // no new one
});

test('a server that restarts: the page finds it again', async () => {
  publish();
  const page = await openPage();
  await reach(page, 'playing');
  const { rtmpPort, httpPort } = server;
  await server.close();
  await reach(page, 'offline');
  server = await startServer({}, { viewerRoot, rtmpPort, httpPort });
  publish();
  await reach(page, 'playing');
  await expectMoving(page);
});

test('keys and buttons', async () => {
  publish();
  const page = await openPage();
  await reach(page, 'playing');
  await page.keyboard.press('m');
  const { muted } = await playback(page);
  await page.keyboard.press('m');
  await expect.poll(async () => (await playback(page)).muted).toBe(!muted);
  await page.keyboard.press('k');
  await reach(page, 'paused');
  await page.click('#big-play');
  await reach(page, 'playing');
  await expectMoving(page);
  await page.keyboard.press('f');
  await page.waitForFunction(() => document.fullscreenElement?.id === 'player');
  await expect.poll(() => page.getAttribute('#full', 'aria-label')).toBe('Leave full screen');
});

test('the menu: another delay is another protocol, and the statistics say which', async () => {
  publish();
  const page = await openPage();
  await reach(page, 'playing');
  await page.keyboard.press('i');
  const protocol = page.locator('#statistics dd').first();
  await expect.poll(() => protocol.textContent()).toBe('HTTP-FLV');
  await page.keyboard.press('s');
  await page.click('#wish-stable');
  expect(await page.getAttribute('#wish-stable', 'aria-checked')).toBe('true');
  await expect.poll(() => protocol.textContent()).toBe('Low-Latency HLS');
  await expectMoving(page);
  await page.keyboard.press('Escape');
  await expect.poll(() => page.isVisible('#menu')).toBe(false);
});

test('a network that holds back endless answers: the show comes over a WebSocket', async () => {
  publish();
  const context = await browser.newContext();
  await context.route('**/*.flv?*', (route) => route.abort());
  const page = await context.newPage();
  await page.goto(`${server.httpUrl}/watch/live`);
  await reach(page, 'playing');
  await page.keyboard.press('i');
  await expect.poll(() => page.textContent('#statistics dd')).toBe('WebSocket-FLV');
  await expectMoving(page);
});

test('where sound needs a gesture it starts muted, with a button', async () => {
  publish();
  const strict = await launch('--autoplay-policy=document-user-activation-required');
  try {
    const page = await openPage({}, strict);
    await reach(page, 'playing');
    await expect.poll(async () => (await playback(page)).muted).toBe(true); // once the browser has refused
    await page.click('#unmute');
    await expect.poll(async () => (await playback(page)).muted).toBe(false);
    await page.waitForSelector('#unmute', { state: 'hidden' });
  } finally {
    await strict.close();
  }
});

test('speaks Chinese, fits a phone, and has no accessibility fault', async () => {
  const page = await openPage({ locale: 'zh-CN', viewport: { width: 390, height: 844 } });
  await reach(page, 'waiting');
  expect(await page.textContent('#headline')).toBe('等待直播开始');
  expect(await page.getAttribute('html', 'lang')).toBe('zh-CN');
  await expectAccessible(page);
  publish();
  await reach(page, 'playing');
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
  await expectAccessible(page);
});

test('a show that is over: played, gone through, downloaded; and found from the live page', async () => {
  await server.close();
  server = await startServer({ recordGraceMs: 300 }, { viewerRoot, record: { directory: join(viewerRoot, 'shows') } });
  const { child } = publish();
  const kept = async () => {
    const response = await fetch(`${server.httpUrl}/api/streams/live/shows`);
    return ((await response.json()) as { shows: { durationMs: number; running: boolean }[] }).shows[0];
  };
  await expect.poll(async () => (await kept())?.durationMs ?? 0, { timeout: 20_000 }).toBeGreaterThan(3_900);
  child.kill('SIGKILL');
  await expect.poll(async () => (await kept())?.running, { timeout: 20_000 }).toBe(false);
  const live = await openPage();
  await live.click('text=Earlier shows');
  const page = live;
  await page.waitForURL(/\/watch\/live\/\d{8}-/);
  await page.$eval('video', (video) => {
    video.muted = true; // with sound the browser waits for a gesture
    return video.play();
  });
  await expect.poll(async () => (await playback(page)).frames, { timeout: 20_000 }).toBeGreaterThan(10);
  expect(await page.textContent('#time')).toMatch(/^0:0\d \/ 0:0[4-9]$/);
  await page.$eval('#seek', (input: HTMLInputElement) => {
    input.value = '3';
    input.dispatchEvent(new Event('input'));
  });
  await expect.poll(async () => (await playback(page)).mediaTimeS, { timeout: 20_000 }).toBeGreaterThan(3.2); // it goes on from there
  await page.focus('#play');
  await page.keyboard.press('ArrowLeft');
  await expect.poll(async () => (await playback(page)).mediaTimeS).toBeLessThan(2);
  await expectAccessible(page);
  const [download] = await Promise.all([page.waitForEvent('download'), page.click('#download')]);
  expect(download.suggestedFilename()).toMatch(/^live-\d{8}-\d{6}-\d{3}\.mp4$/);
  await page.goto(`${server.httpUrl}/watch/live/20200101-000000-000`);
  await reach(page, 'gone');
});

test('an address without a show says so', async () => {
  const page = await openPage();
  await page.goto(`${server.httpUrl}/watch/nobody`);
  await reach(page, 'not-found');
  expect(await page.isVisible('#from-start')).toBe(false); // no shows are kept of it
  problems.length = 0; // the browser logs the 404
});
