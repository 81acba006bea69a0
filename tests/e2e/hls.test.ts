/** hls.js in a real browser, with a real publisher. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { KEY, Publishers, publishing, startServer, type TestServer, until } from '../integration/server-support.ts';
import { HlsPages, median, seen } from '../support/hls-page.ts';

const publishers = new Publishers();
let pages: HlsPages;
let server: TestServer;

beforeAll(async () => {
  pages = await HlsPages.open();
  server = await startServer();
  publishers.publish(await publishers.clip({ seconds: 8, bitrateKbps: 1_200 }), `${server.rtmpUrl}/live?key=${KEY}`);
  await until(() => publishing(server));
  await until(() => (server.stats()[0]?.gopCacheMs ?? 0) > 500);
});
afterAll(async () => {
  await pages.close();
  await server.close();
  await publishers.close();
});

/** A machine that is busy may make it stall, but not for ten seconds at a time. */
const TEN_SECONDS = { timeout: 80_000 };

test('hls.js plays LL-HLS for ten seconds without a stall, part by part, two seconds behind the server or less', async () => {
  const page = await pages.watch(`${server.httpUrl}/live/live/index.m3u8`, { lowLatencyMode: true, maxLiveSyncPlaybackRate: 1.1 });
  await expect.poll(async () => (await seen(page)).smoothS, TEN_SECONDS).toBeGreaterThan(10);
  const { errors, loads, pictures } = await seen(page);
  expect(errors.filter((error) => error !== 'bufferStalledError')).toEqual([]);
  expect(loads.parts).toBeGreaterThan(20);
  expect(pictures).toBeGreaterThan(250);
  expect(server.stats()[0]?.viewers).toBe(1);
  const latencyMs = async () => median((await seen(page)).latenciesMs.slice(-10));
  console.log(`LL-HLS: from the server to the screen ${Math.round(await latencyMs())} ms`);
  await expect.poll(latencyMs, { timeout: 30_000 }).toBeLessThan(2_000);
  await page.context().close();
});

test('hls.js plays MPEG-TS', async () => {
  const page = await pages.watch(`${server.httpUrl}/live/live/ts.m3u8`, {});
  await expect.poll(async () => (await seen(page)).smoothS, TEN_SECONDS).toBeGreaterThan(4);
  const { errors, pictures } = await seen(page);
  expect(errors.filter((error) => error !== 'bufferStalledError')).toEqual([]);
  expect(pictures).toBeGreaterThan(100);
  await page.context().close();
});
