/** WebSocket-FLV with a real publisher and real WebSocket clients. */
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import WebSocket from 'ws';
import { FlvReader, parseVideoBody, TAG } from '../../src-main/wire/flv.ts';
import { FlvViewer, KEY, Publishers, publishing, startServer, type TestServer, until } from './server-support.ts';

const publishers = new Publishers();
const open = new Set<WebSocket>();
let server: TestServer;
let clip: string;

beforeAll(async () => {
  clip = await publishers.clip({ bitrateKbps: 24_000, gopFrames: 15, seconds: 3 });
});
beforeEach(async () => {
  server = await startServer({ viewerQueueMs: 400 });
});
afterEach(async () => {
  await server.close(); // and so every viewer
  for (const socket of open) if (socket.readyState !== socket.CLOSED) await once(socket, 'close');
  open.clear();
});
afterAll(() => publishers.close());

interface Client {
  socket: WebSocket;
  videos: { timestampMs: number; key: boolean; header: boolean; data: Uint8Array }[];
}

const address = (path: string) => `${server.httpUrl.replace('http:', 'ws:')}${path}`;

function watch(path = '/live/live.flv', headers: Record<string, string> = {}): Client {
  const socket = new WebSocket(address(path), { headers, perMessageDeflate: false });
  open.add(socket);
  socket.on('error', () => {}); // 'close' follows
  const videos: Client['videos'] = [];
  const reader = new FlvReader();
  socket.on('message', (bytes: Buffer) => {
    for (const { type, timestampMs, data } of reader.feed(bytes)) {
      if (type !== TAG.video) continue;
      const { packet, key } = parseVideoBody(data);
      videos.push({ timestampMs, key, header: packet === 'header', data });
    }
  });
  return { socket, videos };
}

const pictures = ({ videos }: Client) => videos.filter(({ header }) => !header);
const publish = () => publishers.publish(clip, `${server.rtmpUrl}/live?key=${KEY}`);

/** The status an upgrade was refused with, or the code the connection was closed with. */
function outcome({ socket }: Client): Promise<number> {
  return new Promise((resolve) => {
    socket.once('unexpected-response', (_request, response) => {
      resolve(response.statusCode ?? 0);
      socket.terminate();
    });
    socket.once('close', resolve);
  });
}

test('it brings what HTTP-FLV brings, from before the show on', async () => {
  const client = watch();
  const beside = await FlvViewer.open(`${server.httpUrl}/live/live.flv`);
  await until(() => server.stats()[0]?.viewers === 2);
  publish();
  await until(() => pictures(client).length > 40 && beside.videos.length > 40);
  expect(client.videos[0]?.header).toBe(true);
  expect(pictures(client)[0]).toMatchObject({ key: true, timestampMs: 0 });
  const same = (a: Uint8Array | undefined, b: Uint8Array | undefined) => Buffer.compare(a ?? Buffer.alloc(0), b ?? Buffer.alloc(0)) === 0;
  for (let i = 0; i < 40; i += 1) expect(same(pictures(client)[i]?.data, beside.videos[i]?.data), `picture ${i}`).toBe(true);
  client.socket.close();
  beside.close();
  await until(() => server.stats()[0]?.viewers === 0);
});

test('who does not read loses pictures up to an IDR, and keeps the connection', async () => {
  publish();
  const beside = await FlvViewer.open(`${server.httpUrl}/live/live.flv`);
  const client = watch();
  await until(() => pictures(client).length > 5);
  client.socket.pause();
  const seen = pictures(client).length;
  await until(() => (beside.videos.at(-1)?.timestampMs ?? 0) > 5_000); // 15 MB: more than the sockets hold
  beside.close();
  client.socket.resume();
  const after = () => pictures(client).slice(seen);
  const hole = () => after().findIndex(({ timestampMs }, i) => i > 0 && timestampMs - (after()[i - 1]?.timestampMs ?? 0) > 100);
  await until(() => hole() > 0);
  expect(after()[hole()]?.key).toBe(true);
});

describe('what it refuses', () => {
  test.each([
    ['a stream that is not there', '/live/nobody.flv', {}, 404],
    ['another path', '/watch/live', {}, 404],
    ['a page of another site', '/live/live.flv', { origin: 'https://evil.example' }, 403],
    ['a rebound name', '/live/live.flv', { host: 'evil.example' }, 421],
  ])('%s', async (_, path, headers, status) => {
    expect(await outcome(watch(path, headers as Record<string, string>))).toBe(status);
    expect(server.stats()[0]?.viewers).toBe(0);
  });

  test('a page of this machine may watch', async () => {
    const client = watch('/live/live.flv', { origin: 'http://localhost:5173' });
    await once(client.socket, 'open');
    client.socket.close();
  });

  test.each([
    ['a message', (socket: WebSocket) => socket.send('x'), 1008],
    ['a long message', (socket: WebSocket) => socket.send('x'.repeat(1_000)), 1009],
  ])('%s ends it', async (_, say, code) => {
    const client = watch();
    await once(client.socket, 'open');
    const ended = outcome(client);
    say(client.socket);
    expect(await ended).toBe(code);
  });

  test('a ping is answered, a flood of them is not', async () => {
    const client = watch();
    await once(client.socket, 'open');
    client.socket.ping();
    await once(client.socket, 'pong');
    const ended = outcome(client);
    for (let i = 0; i < 20; i += 1) client.socket.ping();
    expect(await ended).toBe(1006);
  });

  test('one viewer more than the server takes', async () => {
    await server.close();
    server = await startServer({ viewersMax: 1 });
    await once(watch().socket, 'open');
    expect(await outcome(watch())).toBe(503);
  });
});

test('a stream that is no longer served, and a server that closes, let everyone go', async () => {
  const client = watch();
  await once(client.socket, 'open');
  const ended = outcome(client);
  server.setStreams([]);
  expect(await ended).toBe(1001);
  expect(publishing(server)).toBe(false);
});
