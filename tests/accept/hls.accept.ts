/** Ten minutes of HLS in hls.js: low latency, whole segments of fragmented MP4, and MPEG-TS, side by side. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { KEY, Publishers, publishing, startServer, until } from '../integration/server-support.ts';
import { recordFigure } from '../support/figures.ts';
import { HlsClient } from '../support/hls-client.ts';
import { HlsPages, median, seen } from '../support/hls-page.ts';

const MINUTES = 10;

test(`hls.js plays LL-HLS and both forms of HLS for ${MINUTES} minutes without a stall, and every playlist keeps the rules`, async () => {
  const publishers = new Publishers();
  const server = await startServer();
  const pages = await HlsPages.open();
  try {
    publishers.publish(await publishers.clip({ seconds: 60, gopFrames: 60, bitrateKbps: 1_500 }), `${server.rtmpUrl}/live?key=${KEY}`);
    await until(() => publishing(server));
    await sleep(5_000); // so that the server knows how long GOPs are
    const url = (name: string) => `${server.httpUrl}/live/live/${name}`;
    const clients = [await HlsClient.open(url('index.m3u8')), await HlsClient.open(url('ts.m3u8'))];
    await sleep(8_000); // a playlist of three target durations, as in the midst of a show
    const watching = [
      ['LL-HLS', await pages.watch(url('index.m3u8'), { lowLatencyMode: true, maxLiveSyncPlaybackRate: 1.1 }), ''],
      // it asks for a segment's last part then, but waits for 80 % of the target duration only, and asks again
      ['fragmented MP4', await pages.watch(url('index.m3u8'), { lowLatencyMode: false }), 'levelLoadTimeOut'],
      ['MPEG-TS', await pages.watch(url('ts.m3u8'), {}), ''],
    ] as const;
    const untilMs = performance.now() + MINUTES * 60_000;
    await Promise.all(clients.map((client) => follow(client, untilMs)));
    for (const client of clients) expect(client.follower.complaints).toEqual([]);
    for (const [name, page, tolerated] of watching) {
      const { stalls, errors, playedS, latenciesMs, pictures, droppedPictures } = await seen(page);
      recordFigure(`${name}: played`, playedS, 's');
      recordFigure(`${name}: stalls`, stalls);
      recordFigure(`${name}: from the server to the screen, p50`, median(latenciesMs), 'ms');
      recordFigure(`${name}: pictures dropped of ${pictures}`, droppedPictures);
      expect({ name, stalls, errors: errors.filter((error) => error !== tolerated) }).toEqual({ name, stalls: 0, errors: [] });
      expect(playedS).toBeGreaterThan(MINUTES * 60 - 30);
    }
    recordFigure('viewers counted', server.stats()[0]?.viewers ?? 0);
  } finally {
    await pages.close();
    await server.close();
    await publishers.close();
  }
});

async function follow(client: HlsClient, untilMs: number): Promise<void> {
  await client.reload();
  for (let n = 0; performance.now() < untilMs; n += 1) await client.next({ delta: n % 3 === 0 });
}
