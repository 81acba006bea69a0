/** What has brought down other RTMP servers and clients, one by one. After each, this one serves as before. */
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { encode } from '../../src-main/wire/amf0.ts';
import { buildAvcConfig, joinAvcc } from '../../src-main/wire/codec-config.ts';
import { buildAvcBody } from '../../src-main/wire/flv.ts';
import { exchange, FlvViewer, KEY, RawRtmp, startServer, type TestServer, until } from './server-support.ts';

const MIB = 1024 * 1024;
const HANDSHAKE_MS = 400;
// 1280×720, Constrained Baseline
const SPS = Uint8Array.from(Buffer.from('6742c01fda014016ec0440000003004000000f03c60ca8', 'hex'));
const CONFIG = buildAvcConfig([SPS], [Uint8Array.of(0x68, 0xcb, 0x83, 0xcb, 0x20)]);

let server: TestServer;
let open: { destroy(): void }[] = [];
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tidecast-crashes-'));
  // only the handshake is cut off by time here: whatever else ends a connection does so for what was said on it
  server = await startServer({ handshakeMs: HANDSHAKE_MS, commandMs: 600_000, viewerStalledMs: 1_500 });
});
afterEach(async () => {
  for (const one of open) one.destroy();
  open = [];
  await until(() => server.stats()[0]?.publishing === false && server.stats()[0]?.viewers === 0);
  // it takes another publisher, whose picture a viewer gets
  const publisher = await publishing();
  picture(publisher, 0, Uint8Array.of(0x65, 1, 2, 3));
  const viewer = await FlvViewer.open(`${server.httpUrl}/live/live.flv`);
  await until(() => viewer.videos.length === 1);
  viewer.close();
  publisher.socket.destroy();
  await until(() => server.stats()[0]?.publishing === false);
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

async function connected(): Promise<RawRtmp> {
  const peer = new RawRtmp(server.rtmpPort);
  open.push(peer.socket);
  await peer.shakeHands();
  peer.command('connect', { app: 'live' });
  await until(() => peer.codes.includes('NetConnection.Connect.Success'));
  return peer;
}

async function publishing(): Promise<RawRtmp> {
  const peer = await connected();
  peer.command('publish', null, [KEY, 'live'], 1);
  await until(() => peer.codes.includes('NetStream.Publish.Start'));
  video(peer, 0, buildAvcBody({ key: true, packet: 'header', compositionMs: 0, data: CONFIG }));
  return peer;
}

const video = (peer: RawRtmp, timestampMs: number, payload: Uint8Array) =>
  peer.send({ chunkStreamId: 6, type: 9, streamId: 1, timestampMs, payload });
const picture = (peer: RawRtmp, timestampMs: number, unit: Uint8Array) =>
  video(peer, timestampMs, buildAvcBody({ key: (unit[0] as number) === 0x65, packet: 'nalu', compositionMs: 0, data: joinAvcc([unit]) }));
const raw = (peer: RawRtmp, hex: string) => peer.socket.write(Buffer.from(hex.replaceAll(' ', ''), 'hex'));

describe('chunks', () => {
  test.each([
    [
      'CVE-2016-10191: a message whose length grows in mid-assembly',
      `06 000000 000100 09 01000000 ${'00'.repeat(128)} 06 000000 ffffff 09 01000000 00`,
    ],
    ['CVE-2016-10191, by a type 1 header', `06 000000 000100 09 01000000 ${'00'.repeat(128)} 46 000000 100000 09 00`],
    ['an empty SetChunkSize', '02 000000 000000 01 00000000'],
    ['a chunk size of 0', '02 000000 000004 01 00000000 00000000'],
    ['a chunk size with the high bit', '02 000000 000004 01 00000000 ffffffff'],
  ])('%s ends the connection', async (_name, hex) => {
    const peer = await connected();
    raw(peer, hex);
    await until(() => peer.closed);
  });

  test('65,000 chunk streams of 16 MiB each take no memory', async () => {
    const before = process.memoryUsage();
    const peers = await Promise.all(Array.from({ length: 8 }, connected));
    for (const peer of peers) {
      for (let id = 64; id < 320; id += 1)
        raw(peer, `00 ${(id - 64).toString(16).padStart(2, '0')} 000000 ffffff 09 01000000 ${'00'.repeat(128)}`);
    }
    await until(() => peers.every(({ closed }) => closed));
    const { rss, arrayBuffers } = process.memoryUsage();
    expect(rss - before.rss).toBeLessThan(96 * MIB);
    expect(arrayBuffers - before.arrayBuffers).toBeLessThan(32 * MIB);
  });
});

describe('AMF', () => {
  test.each([
    ['CVE-2015-8270: a string longer than its message', Uint8Array.of(2, 0xff, 0xff, 0x61)],
    ['CVE-2015-8270: a long string of 4 GiB', Uint8Array.of(12, 0xff, 0xff, 0xff, 0xff, 0x61)],
    ['CVE-2015-8270: an object of which nothing follows', Uint8Array.of(...encode(['connect', 1]), 3)],
    ['an array of 4 billion', Uint8Array.of(...encode(['connect', 1]), 10, 0xff, 0xff, 0xff, 0xff, 5)],
    ['objects nested 10,000 deep', Uint8Array.of(...encode(['connect', 1]), ...Array(10_000).fill([3, 0, 1, 0x61]).flat())],
    ['arrays nested 10,000 deep', Uint8Array.of(...encode(['connect', 1]), ...Array(10_000).fill([10, 0, 0, 0, 1]).flat())],
  ])('%s ends the connection', async (_name, payload) => {
    for (const [type, prefix] of [
      [20, []],
      [17, [0]],
    ] as const) {
      const peer = await connected();
      peer.send({ chunkStreamId: 3, type, streamId: 0, timestampMs: 0, payload: Uint8Array.of(...prefix, ...payload) });
      await until(() => peer.closed);
    }
  });
});

test('frames of more than 512,000 bytes pass whole', async () => {
  const publisher = await publishing();
  const viewer = await FlvViewer.open(`${server.httpUrl}/live/live.flv`);
  open.push({ destroy: () => viewer.close() });
  const sizes = [512_001, 700_000, 5 * MIB];
  for (const [i, size] of sizes.entries()) picture(publisher, i * 40, new Uint8Array(size).fill(0x65, 0, 1));
  await until(() => viewer.videos.length === sizes.length);
  expect(viewer.videos.map(({ data }) => data.length)).toEqual(sizes.map((size) => size + 9));
});

test('names of more than 256 bytes are refused, wherever they stand', async () => {
  const long = 'n'.repeat(5_000);
  for (const [command, code] of [
    ['publish', 'NetStream.Publish.Unauthorized'],
    ['play', 'NetStream.Play.StreamNotFound'],
  ] as const) {
    const peer = await connected();
    for (const one of ['releaseStream', 'FCPublish', 'FCUnpublish', 'getStreamLength']) peer.command(one, null, [long]);
    peer.command(command, null, [long], 1);
    await until(() => peer.closed);
    expect(peer.codes).toContain(code);
  }
  const stranger = new RawRtmp(server.rtmpPort);
  await stranger.shakeHands();
  stranger.command('connect', { app: long, tcUrl: long, [long]: long });
  await until(() => stranger.closed);
  expect(stranger.codes).toEqual(['NetConnection.Connect.Rejected']);
  expect((await fetch(`${server.httpUrl}/live/${long}.flv`)).status).toBe(404);
});

test('peers that take nothing, and peers that vanish in mid-write, are let go', async () => {
  const publisher = await publishing();
  const [slow, vanished] = [await connected(), await connected()];
  for (const player of [slow, vanished]) {
    player.command('play', null, ['live'], 1);
    await until(() => player.codes.includes('NetStream.Play.Start'));
  }
  slow.socket.pause();
  const feed = setInterval(() => picture(publisher, Math.round(performance.now()), new Uint8Array(400_000).fill(0x65, 0, 1)), 20);
  setTimeout(() => vanished.socket.resetAndDestroy(), 300);
  await until(() => server.stats()[0]?.viewers === 0);
  publisher.socket.resetAndDestroy();
  clearInterval(feed);
});

test('illegal H.264 passes through to who wants it, and stops nothing', async () => {
  const viewer = await FlvViewer.open(`${server.httpUrl}/live/live.flv`);
  open.push({ destroy: () => viewer.close() });
  const publisher = await publishing();
  const hls = ['index.m3u8', 'ts.m3u8'].map((name) => fetch(`${server.httpUrl}/live/live/${name}`));
  const config = (bytes: number[]) => video(publisher, 0, Uint8Array.of(0x17, 0, 0, 0, 0, ...bytes));
  config([]);
  config([1, 0x42, 0xc0, 0x1f, 0xff, 0xff, 0xff, 0xff]); // 31 parameter sets that are not there
  config([1, 0x42, 0xc0, 0x1f, 0xff, 0xe1, 0, 4, 0x67, 0xff, 0xff, 0xff, 1, 0, 0]); // cut off in mid-number
  config([1, 0x42, 0xc0, 0x1f, 0xff, 0xe1, 0, 12, 0x67, 0x42, 0xc0, 0x1f, 0, 0, 0, 0, 0, 0, 0, 1, 0]); // numbers of 32 zeros
  for (const [i, bytes] of [
    [0xff, 0xff, 0xff, 0xff, 0x65],
    [0, 0, 0, 0],
    [0, 0, 0, 1],
    [0, 0, 0, 9, 0x65],
    [0x80, 0, 0, 1, 0x41],
  ].entries())
    video(publisher, 40 * i, Uint8Array.of(0x17, 1, 0xff, 0xff, 0xff, ...bytes));
  video(publisher, 200, buildAvcBody({ key: true, packet: 'header', compositionMs: 0, data: CONFIG }));
  let pictures = 0;
  const feed = setInterval(() => {
    for (const end = pictures + 5; pictures < end; pictures += 1)
      picture(publisher, 240 + 40 * pictures, Uint8Array.of(pictures % 50 === 0 ? 0x65 : 0x41, 1, 2, 3));
  }, 20);
  open.push({ destroy: () => clearInterval(feed) });
  await until(() => viewer.videos.length >= 200);
  expect((await Promise.all(hls)).map(({ status }) => status)).toEqual([200, 200]);
});

test('a viewer that names HTTP/2 on a connection of HTTP/1.1, and then takes nothing', async () => {
  const socket = connect(server.httpPort, '127.0.0.1');
  open.push(socket);
  socket.write('GET /live/live.flv HTTP/2.0\r\nHost: 127.0.0.1\r\n\r\n');
  await until(() => server.stats()[0]?.viewers === 1);
  await sleep(1_200); // the hub looks after its viewers each second
});

test('commands in names and headers are not run, and nothing of a request comes back: no JSONP', async () => {
  const file = join(folder, 'ran');
  for (const name of [`$(touch ${file})`, `\`touch ${file}\``, `; touch ${file} #`, `live"; touch ${file}; "`, `| touch ${file}`]) {
    const peer = await connected();
    peer.command('publish', null, [name, 'live'], 1);
    await until(() => peer.closed);
    for (const path of [
      `/live/${encodeURIComponent(name)}.flv`,
      `/watch/${encodeURIComponent(name)}`,
      `/api/streams/${encodeURIComponent(name)}`,
    ])
      await fetch(server.httpUrl + path);
  }
  expect(existsSync(file)).toBe(false);
  const script = '<script>alert(1)</script>';
  for (const path of ['/api/streams', '/api/streams/live', '/api/time', '/health', '/nowhere', `/live/${encodeURIComponent(script)}.flv`]) {
    const response = await fetch(`${server.httpUrl}${path}?callback=alert&jsonp=alert&x=${encodeURIComponent(script)}`, {
      headers: { 'x-forwarded-for': script },
    });
    const text = await response.text();
    expect(text).not.toContain('alert');
    expect(response.headers.get('content-type')).toMatch(/^(?:application\/json|text\/plain; charset=utf-8)$/);
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  }
});

test('handshakes that never end are cut off, and make room', async () => {
  const atMs = performance.now();
  const sockets = await Promise.all(
    Array.from({ length: 30 }, async (_, i) => {
      const socket = connect(server.rtmpPort, '127.0.0.1');
      socket.on('error', () => {}); // 'close' follows
      await once(socket, 'connect');
      socket.write(new Uint8Array(i * 100).fill(3));
      const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
      const trickle = setInterval(() => socket.write(Uint8Array.of(0)), 30);
      return closed.then(() => clearInterval(trickle));
    }),
  );
  expect(sockets).toHaveLength(30);
  expect(performance.now() - atMs).toBeGreaterThan(HANDSHAKE_MS - 50);
  await sleep(0);
  expect(await exchange(server.httpPort, 'GET /health HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n')).toContain('200 OK');
});
