/** Who may publish and play: keys, hooks, private streams, second publishers, several streams of one connection, TLS. */
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { get as getHttps } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { ServerOptions } from '../../src-main/process/server-contract.ts';
import { createLiveServer, type LiveServer } from '../../src-main/server/create-server.ts';
import type { ServerLimits } from '../../src-main/server/limits.ts';
import { FlvReader } from '../../src-main/wire/flv.ts';
import { repoRoot } from '../support/find-tools.ts';
import { selfSigned } from '../support/self-signed.ts';
import { FlvViewer, Publishers, RawRtmp, runTool, until } from './server-support.ts';

const publishers = new Publishers();
const servers: LiveServer[] = [];
const closers: (() => void)[] = [];
let folder: string;

beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'tidecast-access-'))));
afterEach(async () => {
  for (const close of closers.splice(0)) close();
  await Promise.all(servers.splice(0).map((server) => server.close()));
});
afterAll(async () => {
  await publishers.close();
  rmSync(folder, { recursive: true });
});

async function start(options: Partial<ServerOptions>, limits: Partial<ServerLimits> = {}): Promise<LiveServer> {
  const all = { host: '127.0.0.1', rtmpPort: 0, httpPort: 0, streams: [{ name: 'live', key: 'k' }], ...options };
  const server = await createLiveServer(all, { viewerRoot: join(repoRoot, 'viewer/src'), onIdrWanted: () => {}, limits });
  servers.push(server);
  return server;
}

async function client(server: LiveServer, connect: Record<string, string> = { app: 'live' }): Promise<RawRtmp> {
  const peer = new RawRtmp(Number(new URL(server.rtmpUrl.replace('rtmp:', 'http:')).port));
  closers.push(() => peer.socket.destroy());
  await peer.shakeHands();
  peer.command('connect', connect);
  await until(() => peer.codes.length > 0);
  return peer;
}

const media = (peer: RawRtmp, streamId: number, timestampMs: number, first = 0x17) =>
  peer.send({ chunkStreamId: 6, type: 9, streamId, timestampMs, payload: Uint8Array.of(first, 1, 0, 0, 0, 0, 0, 0, 1, 0x65) });
const stats = (server: LiveServer, name: string) => server.stats().find((stream) => stream.name === name);

/** An operator's service that keeps what it was asked. */
async function operator(answer: (form: URLSearchParams) => number | null): Promise<{ url: string; asked: URLSearchParams[] }> {
  const asked: URLSearchParams[] = [];
  const service: Server = createServer(async (request: IncomingMessage, response) => {
    let body = '';
    for await (const piece of request) body += piece;
    const form = new URLSearchParams(body);
    asked.push(form);
    const status = answer(form);
    if (status !== null) response.writeHead(status, { location: '/elsewhere' }).end('x'.repeat(100));
  }).listen(0, '127.0.0.1');
  await once(service, 'listening');
  closers.push(() => {
    service.closeAllConnections();
    service.close();
  });
  return { url: `http://127.0.0.1:${(service.address() as AddressInfo).port}/hook`, asked };
}

describe('several streams of one connection', () => {
  const streams = ['one', 'two', 'three'].map((name) => ({ name, key: `key-${name}` }));

  test('are published and played side by side, each by its number, and end apart', async () => {
    const server = await start({ streams });
    const peer = await client(server);
    for (let i = 0; i < 3; i += 1) peer.command('createStream', null);
    peer.command('publish', null, ['one?key=key-one', 'live'], 1);
    peer.command('publish', null, ['key-two', 'live'], 2);
    peer.command('play', null, ['three'], 3);
    await until(
      () => peer.codes.filter((code) => code === 'NetStream.Publish.Start').length === 2 && peer.codes.includes('NetStream.Play.Start'),
    );
    const viewer = await FlvViewer.open(`${server.httpUrl}/live/two.flv`);
    closers.push(() => viewer.close());
    media(peer, 1, 0);
    media(peer, 2, 0);
    media(peer, 2, 40);
    await until(() => viewer.frames.length === 2);
    expect([stats(server, 'one')?.publishing, stats(server, 'two')?.publishing, stats(server, 'three')?.viewers]).toEqual([true, true, 1]);
    peer.command('deleteStream', null, [1]);
    await until(() => stats(server, 'one')?.publishing === false);
    peer.command('publish', null, [false], 2); // as Wirecast stops
    await until(() => peer.codes.includes('NetStream.Unpublish.Success'));
    expect([stats(server, 'two')?.publishing, stats(server, 'three')?.viewers, peer.closed]).toEqual([false, 1, false]);
    peer.command('publish', null, ['two?key=wrong'], 2);
    await until(() => peer.codes.includes('NetStream.Publish.Unauthorized'));
    peer.command('closeStream', null, [], 3);
    await until(() => stats(server, 'three')?.viewers === 0);
    expect(peer.closed).toBe(false); // it may still begin anew
  });

  test('are played side by side with pictures, each by its number and in its own times', async () => {
    const server = await start({ streams });
    const [publisher, player] = [await client(server), await client(server)];
    publisher.command('publish', null, ['one?key=key-one', 'live'], 1);
    publisher.command('publish', null, ['two?key=key-two', 'live'], 2);
    await until(() => publisher.codes.filter((code) => code === 'NetStream.Publish.Start').length === 2);
    player.command('play', null, ['one'], 1);
    player.command('play', null, ['two'], 2);
    await until(() => player.codes.filter((code) => code === 'NetStream.Play.Start').length === 2);
    const pictures = (streamId: number) => player.videos.filter((message) => message.streamId === streamId).map((m) => m.timestampMs);
    for (let i = 0; i < 6; i += 1) {
      media(publisher, 1, i * 40);
      media(publisher, 2, i * 100);
      await until(() => player.videos.length === 2 * (i + 1));
    }
    expect(pictures(1)).toEqual([0, 40, 80, 120, 160, 200]);
    expect(pictures(2)).toEqual([0, 100, 200, 300, 400, 500]);
  });

  test('are as many as there is room for, and guesses among them are few', async () => {
    const server = await start({ streams });
    const greedy = await client(server);
    for (let i = 1; i <= 9; i += 1) greedy.command('play', null, ['one'], i);
    await until(() => greedy.codes.includes('NetStream.Play.Failed'));
    expect(stats(server, 'one')?.viewers).toBe(8);
    for (let i = 0; i < 9; i += 1) greedy.command('publish', null, [`guess-${i}`], 9);
    await until(() => greedy.closed);
    expect(stats(server, 'one')?.viewers).toBe(0);
  });
});

test.each<[string, Record<string, string>]>([
  ['a lower-case tcurl, and no app', { tcurl: 'rtmp://h/live' }],
  ['a quoted tcUrl and app', { app: '"live"', tcUrl: "'rtmp://h/live'" }],
  ['an app with an instance, or a query', { app: 'live/_definst_?a=b' }],
])('connect with %s is understood', async (_what, object) => {
  const peer = await client(await start({}), object);
  expect(peer.codes).toEqual(['NetConnection.Connect.Success']);
});

test('FCPublish is answered with its transaction, in both ways that clients look for it', async () => {
  const peer = await client(await start({}));
  peer.command('releaseStream', null, ['live']);
  peer.command('FCPublish', null, ['live']);
  await until(() => peer.bodies.some((body) => body.kind === 'command' && body.command.name === 'onFCPublish'));
  const replies = peer.bodies.flatMap((body) => (body.kind === 'command' ? body.command : []));
  expect(replies.map(({ name, transactionId }) => [name, transactionId])).toEqual([
    ['_result', 1],
    ['_result', 1],
    ['_result', 1],
    ['onFCPublish', 1],
  ]);
});

describe('a second publisher', () => {
  test.each([
    ['refuse', ['NetStream.Publish.BadName'], true],
    ['take-over', ['NetStream.Publish.Start'], false],
  ] as const)('with %s meets %j', async (secondPublisher, codes, firstStays) => {
    const server = await start({ secondPublisher });
    const [first, second] = [await client(server), await client(server)];
    first.command('publish', null, ['live?key=k'], 1);
    await until(() => first.codes.includes('NetStream.Publish.Start'));
    media(first, 1, 0);
    second.command('publish', null, ['live?key=k'], 1);
    await until(() => second.codes.length > 1);
    expect(second.codes.slice(1)).toEqual(codes);
    if (!firstStays) await until(() => first.closed);
    expect(first.closed).toBe(!firstStays);
  });
});

describe('hooks', () => {
  test('are asked with a form, decide, and lose nothing that came while they did', async () => {
    const { url, asked } = await operator((form) => (form.get('key') === 'good' ? 204 : 403));
    const server = await start({ streams: [{ name: 'live', key: null }], onPublish: url, onPlay: url });
    const peer = await client(server, { app: 'live', tcUrl: 'rtmp://h/live', flashVer: 'FMLE/3.0' });
    peer.command('publish', null, ['live?key=good&$(reboot)=`id`', 'live'], 1);
    media(peer, 1, 0);
    media(peer, 1, 40, 0x27);
    await until(() => stats(server, 'live')?.gopCacheMs === 40);
    expect(Object.fromEntries(asked[0] ?? [])).toEqual({
      call: 'publish',
      app: 'live',
      name: 'live',
      addr: '127.0.0.1',
      key: 'good',
      protocol: 'rtmp',
      tcurl: 'rtmp://h/live',
      flashver: 'FMLE/3.0',
    });
    expect((await fetch(`${server.httpUrl}/live/live.flv`)).status).toBe(403);
    const allowed = await fetch(`${server.httpUrl}/live/live.flv?key=good`);
    expect(allowed.status).toBe(200);
    await allowed.body?.cancel();
    const refused = await client(server);
    refused.command('publish', null, ['live?key=bad', 'live'], 1);
    await until(() => refused.closed);
    expect(refused.codes).toContain('NetStream.Publish.Unauthorized');
    expect(stats(server, 'live')?.publishing).toBe(true);
  });

  test.each([
    ['redirects', () => 302],
    ['fails', () => 500],
    ['says nothing in time', () => null],
  ])('one that %s is a no', async (_what, answer) => {
    const { url } = await operator(answer);
    const server = await start({ onPublish: url }, { hookMs: 300 });
    const peer = await client(server);
    peer.command('publish', null, ['live?key=k'], 1);
    await until(() => peer.closed);
    expect(peer.codes).toContain('NetStream.Publish.Unauthorized');
  });

  test('one that is not there is a no; one that is no address, and a stream that nobody decides on, are no server', async () => {
    const server = await start({ onPlay: 'http://127.0.0.1:9/' });
    expect((await fetch(`${server.httpUrl}/live/live.flv`)).status).toBe(403);
    expect((await fetch(`${server.httpUrl}/live/live/index.m3u8`)).status).toBe(403);
    await expect(start({ onPublish: 'file:///bin/sh' })).rejects.toMatchObject({ code: 'server.unavailable' });
    await expect(start({ streams: [{ name: 'live', key: null }] })).rejects.toMatchObject({ code: 'server.unavailable' });
  });
});

test('a private stream is played by who has its key', async () => {
  const server = await start({ streams: [{ name: 'live', key: 'k', playKey: 'open' }] });
  for (const key of ['', '?key=', '?key=k']) expect((await fetch(`${server.httpUrl}/live/live.flv${key}`)).status).toBe(403);
  const { status, body } = await fetch(`${server.httpUrl}/live/live.flv?key=open`);
  expect(status).toBe(200);
  await body?.cancel();
  const [good, bad] = [await client(server), await client(server)];
  good.command('play', null, ['live?key=open'], 1);
  bad.command('play', null, ['live'], 1);
  await until(() => bad.closed && good.codes.includes('NetStream.Play.Start'));
  expect(bad.codes).toContain('NetStream.Play.Failed');
});

test('what there is to know of a private stream, and to ask and tell, is for who has its key', async () => {
  const streams = [
    { name: 'closed', key: 'k', playKey: 'open' },
    { name: 'live', key: 'l' },
  ];
  const server = await start({ streams }, { addressLimitsOnLoopback: true, wrongKeysPerMinute: 4 });
  const ask = async (path: string, method = 'GET') => {
    const response = await fetch(`${server.httpUrl}${path}`, { method, redirect: 'manual' });
    return `${response.status} ${response.headers.get('location') ?? (await response.text())}`;
  };
  expect(await ask('/api/streams')).toMatch(/^200 \{"streams":\[\{"name":"live"[^{]*$/);
  expect(await ask('/')).toBe('302 /watch/live');
  for (const [path, method] of [['', 'GET'] as const, ['/keyframe', 'POST'] as const, ['/qoe', 'POST'] as const]) {
    expect(await ask(`/api/streams/closed${path}`, method)).toMatch(/^403 This stream is private/);
    expect(await ask(`/api/streams/closed${path}?key=guess`, method)).toMatch(/^403 /);
  }
  expect(await ask('/api/streams/closed?key=open')).toMatch(/^200 \{"name":"closed"/);
  expect(await ask('/api/streams/closed/keyframe?key=open', 'POST')).toBe('404 {"outcome":"not-publishing"}');
  expect(await ask('/api/streams/closed/qoe?key=open', 'POST')).toMatch(/^400 /); // heard, and no beacon
  await ask('/api/streams/closed?key=guess');
  expect(await ask('/api/streams/closed?key=open')).toMatch(/^429 /); // that was one guess too many
  expect(await ask('/api/streams/live')).toMatch(/^200 /);
});

test('one address is not all that a hook is asked for', async () => {
  const answers: (() => void)[] = [];
  const service = createServer((_request, response) => void answers.push(() => response.writeHead(204).end())).listen(0, '127.0.0.1');
  await once(service, 'listening');
  closers.push(() => {
    service.closeAllConnections();
    service.close();
  });
  const onPlay = `http://127.0.0.1:${(service.address() as AddressInfo).port}/`;
  const server = await start({ onPlay }, { addressLimitsOnLoopback: true, hooksPerAddressMax: 2 });
  const waiting = [1, 2].map(() => fetch(`${server.httpUrl}/live/live.flv`));
  await until(() => answers.length === 2);
  expect((await fetch(`${server.httpUrl}/live/live.flv`)).status).toBe(503);
  for (const answer of answers.splice(0)) answer();
  for (const response of await Promise.all(waiting)) {
    expect(response.status).toBe(200);
    await response.body?.cancel();
  }
});

test('one address has few connections a second, few wrong keys a minute, few viewers', async () => {
  const server = await start(
    { streams: [{ name: 'live', key: 'k', playKey: 'open' }] },
    {
      addressLimitsOnLoopback: true,
      wrongKeysPerMinute: 3,
      viewersPerAddressMax: 2,
      connectionsPerAddressBurst: 30,
      connectionsPerAddressPerS: 1,
    },
  );
  const flv = (key: string) => fetch(`${server.httpUrl}/live/live.flv?key=${key}`);
  const watching = [await flv('open'), await flv('open')];
  expect((await flv('open')).status).toBe(503);
  for (let i = 0; i < 3; i += 1) expect((await flv(`guess-${i}`)).status).toBe(403);
  expect((await flv('open')).status).toBe(429);
  const peer = await client(server);
  peer.command('publish', null, ['live?key=k'], 1);
  await until(() => peer.closed);
  expect(peer.codes).toContain('NetStream.Publish.Unauthorized');
  const refused = async () => (await fetch(`${server.httpUrl}/health`, { headers: { connection: 'close' } }).catch(() => null)) === null;
  await until(refused);
  for (const { body } of watching) await body?.cancel();
});

describe('TLS', () => {
  const file = (name: string, text: string) => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };

  test('RTMPS takes FFmpeg; HTTPS serves HTTP/1.1 and HTTP/2, endless streams too', async () => {
    const { cert, key } = await selfSigned();
    const server = await start({ tls: { certFile: file('c.pem', cert), keyFile: file('k.pem', key), rtmpsPort: 0 } });
    expect([server.rtmpsUrl, server.httpUrl]).toEqual([expect.stringMatching(/^rtmps:.*\/live$/), expect.stringMatching(/^https:/)]);
    const ffmpeg = publishers.publish(await publishers.clip(), `${server.rtmpsUrl}/live?key=k`);
    await until(() => stats(server, 'live')?.publishing === true || ffmpeg.child.exitCode !== null);
    expect(ffmpeg.errors()).toBe('');

    const [old] = (await once(getHttps(`${server.httpUrl}/health`, { ca: cert }), 'response')) as [IncomingMessage];
    expect([old.statusCode, old.httpVersion]).toEqual([200, '1.1']);
    old.resume();

    const session = connectHttp2(server.httpUrl, { ca: cert });
    closers.push(() => session.destroy());
    const ask = async (path: string) => {
      const request = session.request({ ':path': path });
      const [headers] = (await once(request, 'response')) as [Record<string, string>];
      return { status: headers[':status'], request };
    };
    const playlist = await ask('/live/live/index.m3u8');
    let text = '';
    for await (const piece of playlist.request) text += piece;
    expect([playlist.status, text]).toEqual([200, expect.stringContaining('source/fmp4.m3u8?viewer=')]);
    const flv = await ask('/live/live.flv');
    const reader = new FlvReader();
    let tags = 0;
    for await (const bytes of flv.request) {
      tags += reader.feed(bytes as Buffer).length;
      if (tags > 60) break;
    }
    expect(flv.status).toBe(200);
    const metrics = await ask('/metrics');
    let figures = '';
    for await (const piece of metrics.request) figures += piece;
    expect(Number(/^tidecast_sent_bytes_total\{protocol="flv"\} (\d+)$/m.exec(figures)?.[1])).toBeGreaterThan(20_000);
    await until(() => stats(server, 'live')?.viewers === 0); // by HLS, only who asks for playlists of media counts
    const { code, out } = await runTool('ffprobe', [
      '-v',
      'error',
      '-show_entries',
      'stream=codec_name',
      '-of',
      'csv=p=0',
      `${server.rtmpsUrl}/live`,
    ]);
    expect([code, out.trim().split('\n').sort()]).toEqual([0, ['aac', 'h264']]);
  });

  test.each([
    ['is not there', () => ({ certFile: join(folder, 'none.pem'), keyFile: join(folder, 'none.pem') }), /cannot be read \(ENOENT\)/],
    ['is no certificate', () => ({ certFile: file('x.pem', 'hello'), keyFile: file('y.pem', 'hello') }), /no certificate in PEM/],
  ])('a certificate that %s is said', async (_what, files, message) => {
    await expect(start({ tls: { ...files(), rtmpsPort: 0 } })).rejects.toMatchObject({
      code: 'server.certificate',
      message: expect.stringMatching(message),
    });
  });

  test('a key that belongs to another, or is none, is said', async () => {
    const [one, other] = [await selfSigned(), await selfSigned()];
    const certFile = file('one.pem', one.cert);
    for (const [text, message] of [
      [other.key, /does not belong/],
      ['no key', /no private key/],
    ] as const)
      await expect(start({ tls: { certFile, keyFile: file('other.pem', text), rtmpsPort: 0 } })).rejects.toMatchObject({
        code: 'server.certificate',
        message: expect.stringMatching(message),
      });
  });
});
