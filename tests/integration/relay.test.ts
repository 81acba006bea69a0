/** An edge fetches a stream once, however many watch it there; a forwarded stream arrives at servers that others wrote. */
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { afterAll, afterEach, expect, test } from 'vitest';
import { createLiveServer, type LiveServer } from '../../src-main/server/create-server.ts';
import type { ServerLimits } from '../../src-main/server/limits.ts';
import { probePackets } from '../support/h264-feed.ts';
import { hasNginxRtmp, type RtmpPeer, startNginxRtmp, startNodeMediaServer } from '../support/rtmp-peers.ts';
import { FlvViewer, KEY, Publishers, publishing, startServer, until } from './server-support.ts';

const IDLE_MS = 1_500;
const publishers = new Publishers();
const shows: ReturnType<Publishers['publish']>['child'][] = [];
const servers: LiveServer[] = [];
const peers: RtmpPeer[] = [];
const viewers: FlvViewer[] = [];
const closers: (() => void)[] = [];
afterEach(async () => {
  for (const viewer of viewers.splice(0)) viewer.close();
  for (const close of closers.splice(0)) close();
  for (const child of shows.splice(0)) child.kill('SIGKILL');
  await Promise.all([...servers.splice(0).map((server) => server.close()), ...peers.splice(0).map((peer) => peer.dispose())]);
});

afterAll(() => publishers.close());

function publish(file: string, url: string) {
  const show = publishers.publish(file, url);
  shows.push(show.child);
  return show;
}

async function relay(options: object, limits: Partial<ServerLimits> = {}): Promise<{ server: LiveServer; log: string[] }> {
  const log: string[] = [];
  const nowhere = { host: '127.0.0.1', rtmpPort: 0, httpPort: 0, streams: [] };
  const server = await createLiveServer(
    { ...nowhere, ...options },
    { viewerRoot: '/nowhere', onIdrWanted: () => {}, limits, log: (line) => log.push(line) },
  );
  servers.push(server);
  return { server, log };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function origin(ports = {}) {
  const server = await startServer({}, ports);
  servers.push(server);
  return server;
}

async function watch(server: LiveServer, name: string): Promise<FlvViewer> {
  const viewer = await FlvViewer.open(`${server.httpUrl}/live/${name}.flv`);
  viewers.push(viewer);
  return viewer;
}

const rising = (viewer: FlvViewer) =>
  viewer.videos.every(({ timestampMs }, i) => i === 0 || timestampMs > viewer.videos[i - 1]!.timestampMs);

test.each([
  ['RTMP', (rtmpUrl: string) => `${rtmpUrl}/live`],
  ['HTTP-FLV', (_rtmpUrl: string, httpUrl: string) => `${httpUrl}/live/live.flv`],
])(
  '20 viewers at an edge are one at the origin, over %s; it is let go when they have left, and fetched again',
  async (_how, addressOf) => {
    const far = await origin();
    publish(await publishers.clip(), `${far.rtmpUrl}/live?key=${KEY}`);
    await until(() => publishing(far));
    const edges = [{ name: 'near', from: addressOf(far.rtmpUrl, far.httpUrl) }];
    const { server } = await relay({ edges }, { edgeIdleMs: IDLE_MS });
    expect(far.stats()[0]?.viewers).toBe(0);

    const all = await Promise.all(Array.from({ length: 20 }, () => watch(server, 'near')));
    await until(() => all.every((viewer) => viewer.videos.length > 45));
    expect(far.stats()[0]?.viewers).toBe(1);
    for (const viewer of all) {
      expect(viewer.videos[0]).toMatchObject({ key: true });
      expect(rising(viewer)).toBe(true);
      expect(viewer.frames.some(({ kind }) => kind === 'audio')).toBe(true);
    }

    for (const viewer of all) viewer.close();
    await until(() => server.stats()[0]?.viewers === 0);
    const leftAtMs = performance.now();
    await until(() => far.stats()[0]?.viewers === 0);
    expect(performance.now() - leftAtMs).toBeGreaterThan(IDLE_MS - 600); // a look each half second, and the poll of this test

    const again = await watch(server, 'near');
    await until(() => again.videos.length > 5);
    expect(again.videos[0]).toMatchObject({ key: true, timestampMs: 0 });
  },
  30_000,
);

test('an origin that restarts: who watches at the edge stays connected, and goes on', async () => {
  const first = await origin();
  const clip = await publishers.clip();
  publish(clip, `${first.rtmpUrl}/live?key=${KEY}`);
  await until(() => publishing(first));
  const { server, log } = await relay({ edges: [{ name: 'near', from: `${first.rtmpUrl}/live?key=secret` }] });
  const viewer = await watch(server, 'near');
  await until(() => viewer.videos.length > 10);

  await first.close();
  await until(() => !server.stats()[0]?.publishing);
  const second = await origin({ rtmpPort: first.rtmpPort, httpPort: first.httpPort });
  publish(clip, `${second.rtmpUrl}/live?key=${KEY}`);
  const before = viewer.videos.length;
  await until(() => viewer.videos.length > before + 10);
  expect(viewer.videos[before]).toMatchObject({ key: true });
  expect(rising(viewer)).toBe(true);
  expect(viewer.ended).toBe(false);
  expect(log[0]).toMatch(/^near: rtmp:\/\/127\.0\.0\.1:\d+ .*; asked again in 0\.5 s$/);
  expect(log.join()).not.toContain('secret');
}, 30_000);

test('servers that are each other’s edges, or forward to each other, notice, and let go of each other', async () => {
  const ports = await Promise.all(Array.from({ length: 2 }, freePort));
  const address = (n: number) => ({ http: `http://127.0.0.1:${ports[n]}/live/round.flv` });
  const limits = { edgeIdleMs: 600 };
  const one = await relay({ httpPort: ports[0], edges: [{ name: 'round', from: address(1).http }] }, limits);
  const other = await relay({ httpPort: ports[1], edges: [{ name: 'round', from: address(0).http }] }, limits);
  const viewer = await watch(one.server, 'round');
  await until(() => other.log.some((line) => /^round: http:.* lead in a circle \(HTTP 508\); asked again/.test(line)));
  viewer.close();
  await until(() => [one, other].every(({ server }) => server.stats()[0]?.viewers === 0)); // none keeps the other's

  const [rtmp] = [await freePort()];
  const second = await relay({ rtmpPort: rtmp, streams: [{ name: 'live', key: KEY }] });
  const loop = (url: string) => ({ forwards: [{ name: 'live', to: `${url}/live?key=${KEY}` }] });
  const first = await relay({ streams: [{ name: 'live', key: KEY }], ...loop(second.server.rtmpUrl) });
  await second.server.close();
  const back = await relay({ rtmpPort: rtmp, streams: [{ name: 'live', key: KEY }], ...loop(first.server.rtmpUrl) });
  publish(await publishers.clip(), `${first.server.rtmpUrl}/live?key=${KEY}`);
  await until(() => back.log.some((line) => /^live: rtmp:.* lead in a circle; forwarded again/.test(line)));
}, 30_000);

test('three servers in a circle notice it', async () => {
  const ports = await Promise.all(Array.from({ length: 3 }, freePort));
  const from = (n: number) => `http://127.0.0.1:${ports[n % 3]}/live/round.flv`;
  const limits = { edgeIdleMs: 600 };
  const circle = await Promise.all(ports.map((httpPort, n) => relay({ httpPort, edges: [{ name: 'round', from: from(n + 1) }] }, limits)));
  const viewer = await watch((circle[0] as (typeof circle)[number]).server, 'round');
  await until(() => circle[2]?.log.some((line) => /^round: http:.* lead in a circle \(HTTP 508\); asked again/.test(line)) === true);
  viewer.close();
  await until(() => circle.every(({ server }) => server.stats()[0]?.viewers === 0));
}, 30_000);

/** What a client says that claims to be so many servers in a row. @returns the status, and whether it has ended since */
async function pretend(server: LiveServer, name: string, hops: number): Promise<{ status: number | undefined; ended: () => boolean }> {
  const ids = Array.from({ length: hops }, (_, n) => n.toString(16).padStart(16, 'f'));
  const request = get(`${server.httpUrl}/live/${name}.flv`, { headers: { 'tidecast-via': `${hops} ${ids.join()}` }, agent: false });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  let ended = false;
  response
    .on('error', () => {})
    .on('close', () => (ended = true))
    .resume();
  closers.push(() => request.destroy());
  return { status: response.statusCode, ended: () => ended };
}

test.each(['RTMP', 'HTTP-FLV'])(
  'nine leaves at one middle, and clients that make servers up, cost nobody the show, over %s',
  async (how) => {
    const ports = { rtmpPort: await freePort(), httpPort: await freePort() };
    const address = (rtmp: string | number, http: string | number, name: string) =>
      how === 'RTMP' ? `rtmp://127.0.0.1:${rtmp}/live/${name}` : `http://127.0.0.1:${http}/live/${name}.flv`;
    const { server: middle } = await relay({ edges: [{ name: 'mid', from: address(ports.rtmpPort, ports.httpPort, 'live') }] });
    const [rtmp, http] = [new URL(middle.rtmpUrl.replace('rtmp:', 'http:')).port, new URL(middle.httpUrl).port];
    const edges = [{ name: 'leaf', from: address(rtmp, http, 'mid') }];
    const leaves = await Promise.all(Array.from({ length: 9 }, () => relay({ edges })));
    expect((await pretend(middle, 'mid', 8)).status).toBe(508); // the origin would not take the middle behind them
    const [far, deep] = [await pretend(middle, 'mid', 7), await pretend((leaves[0] as (typeof leaves)[number]).server, 'leaf', 7)];
    expect([far.status, deep.status]).toEqual([200, 200]);
    const all = await Promise.all(leaves.map(({ server }) => watch(server, 'leaf')));
    await until(() => middle.stats()[0]?.viewers === 10 && deep.ended()); // only what the first leaf was refused for is gone
    // all of them are there before the middle reaches its origin
    const source = await origin(ports);
    publish(await publishers.clip(), `${source.rtmpUrl}/live?key=${KEY}`);
    await until(() => all.every((viewer) => viewer.videos.length > 10));
    expect([far.ended(), source.stats()[0]?.viewers]).toEqual([false, 1]);
  },
  30_000,
);

test.each([
  ['node-media-server', true, startNodeMediaServer],
  ['nginx-rtmp', hasNginxRtmp(), startNginxRtmp],
])(
  'a forwarded stream arrives at %s, and the connection ends with the show',
  async (_peer, there, start) => {
    if (!there) return console.warn('left out: nginx-rtmp is not installed (Debian: libnginx-mod-rtmp)');
    const peer = await start();
    peers.push(peer);
    const options = { streams: [{ name: 'live', key: KEY }], forwards: [{ name: 'live', to: `${peer.url}/${peer.streamKey}` }] };
    const { server, log } = await relay(options, { forwardIdleMs: 200 });
    const { child, ended } = publish(await publishers.clip(), `${server.rtmpUrl}/live?key=${KEY}`);
    const local = await watch(server, 'live');
    await until(() => local.videos.length > 45);
    expect(server.stats()[0]?.viewers).toBe(1); // the other server is no viewer
    child.kill('SIGTERM');
    await ended;
    const packets = await probePackets(await peer.capture());
    const video = packets.filter(({ kind }) => kind === 'video');
    expect(video.length).toBeGreaterThan(20);
    expect(video[0]).toMatchObject({ key: true });
    expect(packets.some(({ kind }) => kind === 'audio')).toBe(true);
    expect(log).toEqual([]);
  },
  30_000,
);
