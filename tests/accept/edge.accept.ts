/** An edge keeps one connection to its origin for 20 viewers, and closes it 30 s after the last has left. */
import { afterAll, expect, test } from 'vitest';
import { createLiveServer, type LiveServer } from '../../src-main/server/create-server.ts';
import { FlvViewer, KEY, Publishers, publishing, startServer, until } from '../integration/server-support.ts';
import { recordFigure } from '../support/figures.ts';

const publishers = new Publishers();
const servers: LiveServer[] = [];
afterAll(async () => {
  await publishers.close();
  await Promise.all(servers.map((server) => server.close()));
});

test('20 viewers at an edge: one connection to the origin, closed 30 s after the last has left', async () => {
  const origin = await startServer();
  const edges = [{ name: 'near', from: `${origin.httpUrl}/live/live.flv` }];
  const options = { host: '127.0.0.1', rtmpPort: 0, httpPort: 0, streams: [], edges };
  const edge = await createLiveServer(options, { viewerRoot: '/nowhere', onIdrWanted: () => {} });
  servers.push(origin, edge);
  publishers.publish(await publishers.clip(), `${origin.rtmpUrl}/live?key=${KEY}`);
  await until(() => publishing(origin));

  const viewers = await Promise.all(Array.from({ length: 20 }, () => FlvViewer.open(`${edge.httpUrl}/live/near.flv`)));
  const seen: number[] = [];
  const sampler = setInterval(() => seen.push(origin.stats()[0]?.viewers ?? 0), 100);
  await until(() => viewers.every((viewer) => viewer.videos.length > 300));
  clearInterval(sampler);
  expect(Math.max(...seen)).toBe(1);

  for (const viewer of viewers) viewer.close();
  await until(() => edge.stats()[0]?.viewers === 0);
  const fromMs = performance.now();
  await until(() => origin.stats()[0]?.viewers === 0);
  const closedAfterS = (performance.now() - fromMs) / 1_000;
  recordFigure('most connections to the origin', Math.max(...seen), '');
  recordFigure('closed after', Math.round(closedAfterS * 10) / 10, 's');
  expect(closedAfterS).toBeGreaterThan(28);
  expect(closedAfterS).toBeLessThan(32);
}, 120_000);
