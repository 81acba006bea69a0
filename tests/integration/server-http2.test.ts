/** HTTP/2 over TLS, and peers that mean harm, while a show is watched over HTTP/2 that must not notice. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type ClientHttp2Session, connect as connectHttp2 } from 'node:http2';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createLiveServer, type LiveServer } from '../../src-main/server/create-server.ts';
import { FlvReader, TAG } from '../../src-main/wire/flv.ts';
import { FLAG, FRAME, frame, headerBlock, RawHttp2, request, requestFields, SETTING, settings } from '../support/raw-http2.ts';
import { selfSigned } from '../support/self-signed.ts';
import { KEY, Publishers, publishing, until } from './server-support.ts';

const LIMITS = {
  handshakeMs: 600,
  headersMs: 600,
  requestMs: 900,
  keepAliveMs: 700,
  answerMs: 1_500,
  httpResetsBurst: 40,
  httpResetsPerS: 1,
};
const publishers = new Publishers();
const videoMs: number[] = [];
let server: LiveServer;
let port: number;
let session: ClientHttp2Session;
const open: { destroy(): unknown }[] = [];

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tidecast-http2-'));
  for (const [name, text] of Object.entries(await selfSigned())) writeFileSync(join(folder, name), text);
  const tls = { certFile: join(folder, 'cert'), keyFile: join(folder, 'key'), rtmpsPort: 0 };
  const options = { host: '127.0.0.1', rtmpPort: 0, httpPort: 0, streams: [{ name: 'live', key: KEY }], tls };
  server = await createLiveServer(options, { viewerRoot: '/nowhere', onIdrWanted: null, limits: LIMITS });
  rmSync(folder, { recursive: true });
  port = Number(new URL(server.httpUrl).port);
  publishers.publish(await publishers.clip(), `${server.rtmpUrl}/live?key=${KEY}`);
  await until(() => publishing(server));
  session = connectHttp2(server.httpUrl, { rejectUnauthorized: false });
  const reader = new FlvReader();
  session.request({ ':path': '/live/live.flv' }).on('data', (bytes: Buffer) => {
    for (const { type, timestampMs, data } of reader.feed(bytes)) if (type === TAG.video && data[1] === 1) videoMs.push(timestampMs);
  });
  await until(() => videoMs.length > 0);
});

afterEach(async () => {
  for (const one of open.splice(0)) one.destroy();
  const seen = videoMs.length;
  await until(() => videoMs.length > seen + 5); // the show goes on
});

afterAll(async () => {
  session.destroy();
  await server.close();
  await publishers.close();
  const steps = videoMs.slice(1).map((ms, i) => ms - (videoMs[i] as number));
  expect(Math.max(...steps)).toBeLessThan(60); // no picture was lost
});

async function raw(...pairs: readonly (readonly [id: number, value: number])[]): Promise<RawHttp2> {
  const peer = await RawHttp2.open(port, ...pairs);
  open.push(peer.socket);
  return peer;
}
const many = (count: number, make: (i: number) => Uint8Array) => Array.from({ length: count }, (_, i) => make(i));
const post = (streamId: number) =>
  frame(FRAME.headers, FLAG.endHeaders, streamId, headerBlock(requestFields('/api/streams/live/qoe', 'POST')));

describe('floods end the connection they come on', () => {
  test('CVE-2023-44487: streams that are reset as soon as they are opened', async () => {
    const peer = await raw();
    peer.send(...many(60, (i) => Buffer.concat([request(2 * i + 1, '/live/live.flv'), frame(FRAME.reset, 0, 2 * i + 1, [0, 0, 0, 8])])));
    await until(() => peer.closed);
    expect(peer.has(FRAME.goAway, 0)).toBe(true);
    await until(() => server.stats()[0]?.viewers === 1); // none of them holds a place
  });

  test.each([
    [
      'headers without end',
      () => [frame(FRAME.headers, 0, 1, headerBlock(requestFields('/health')))],
      () => frame(FRAME.continuation, 0, 1, headerBlock([['x', 'y'.repeat(1_000)]])),
    ],
    [
      'headers that go on with nothing',
      () => [frame(FRAME.headers, 0, 1, headerBlock(requestFields('/health')))],
      () => frame(FRAME.continuation, 0, 1),
    ],
    ['frames of streams that never were', () => [], (i: number) => frame(FRAME.data, 0, 2 * i + 1, [0])],
    ['pings whose answers are not read', () => [], () => frame(FRAME.ping, 0, 0, new Uint8Array(8))],
    ['settings whose answers are not read', () => [], () => settings([SETTING.maxFrameSize, 16_384])],
    ['a frame longer than was agreed', () => [], () => frame(FRAME.settings, 0, 0, [], 2 ** 24 - 1)],
    ['windows that are opened too far', () => [], () => frame(FRAME.windowUpdate, 0, 0, [0x7f, 0xff, 0xff, 0xff])],
  ])('%s', async (_what, first, next) => {
    const peer = await raw();
    peer.socket.pause();
    peer.send(...first());
    for (let i = 0; i < 40 && !peer.closed; i += 1) {
      peer.send(...many(500, (j) => next(500 * i + j)));
      await new Promise((resolve) => setImmediate(resolve));
    }
    peer.socket.resume();
    await until(() => peer.closed);
  });
});

describe('who takes nothing, or says little, is let go in time', () => {
  test('an answer for which there is no window, a body that does not come', async () => {
    const [narrow, silent] = [await raw([SETTING.initialWindowSize, 0]), await raw()];
    narrow.send(request(1, '/health'), request(3, '/metrics'));
    silent.send(post(1));
    await until(() => narrow.has(FRAME.headers, 1) && narrow.has(FRAME.headers, 3) && silent.has(FRAME.headers, 1)); // 200, 200, 413
    await until(() => narrow.has(FRAME.reset, 1) && narrow.has(FRAME.reset, 3));
    await until(() => narrow.closed && silent.closed); // and then nothing was asked any more
  });

  test('one beside it that watches stays, beyond all these limits', () => {
    expect((videoMs.at(-1) as number) - (videoMs[0] as number)).toBeGreaterThan(LIMITS.answerMs);
  });

  test('what comes in drops', async () => {
    const http2 = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0';
    const all: [what: string, protocols: string[] | null, first: string, drop: string][] = [
      ['no TLS at all', null, '', ''],
      ['headers of HTTP/1.1', ['http/1.1'], 'GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n', 'X-A: b\r\n'],
      ['a body', ['http/1.1'], 'POST /api/streams/live/qoe HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 4000\r\n\r\n', ' '],
      ['no request', [], '', ''],
      ['pings', ['h2'], http2, '\0\0\x08\x06\0\0\0\0\0pingping'],
      ['headers of HTTP/2', ['h2'], `${http2}\0\0\xff\x01\0\0\0\0\x01`, '\0'],
    ];
    const held = new Set(all.map(([what]) => what));
    for (const [what, ALPNProtocols, first, drop] of all) {
      const socket = ALPNProtocols
        ? connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false, ALPNProtocols })
        : connect(port, '127.0.0.1');
      open.push(socket);
      socket.on('error', () => {}); // 'close' follows
      socket.resume();
      socket.write(first, 'latin1');
      const drip = setInterval(() => socket.writable && socket.write(drop, 'latin1'), 50);
      socket.on('close', () => {
        clearInterval(drip);
        held.delete(what);
      });
    }
    await expect.poll(() => [...held]).toEqual([]);
  });
});

test('requests beyond the limit wait for nothing, and the connection goes on', async () => {
  const peer = await raw();
  peer.send(...many(40, (i) => request(2 * i + 1, '/live/live.flv')));
  await until(() => peer.frames.filter(({ type }) => type === FRAME.reset).length >= 8);
  expect(server.stats()[0]?.viewers).toBeLessThanOrEqual(33);
  expect(peer.closed).toBe(false);
});
