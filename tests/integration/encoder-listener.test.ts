import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { encodeAudio, MEDIA_HEADER_BYTES, writeVideoHeader } from '../../src-shared/ipc/media.ts';
import { i420Bytes } from '../../src-shared/units.ts';
import { EncoderUnderTest, eventually, ORIGIN, sleep } from '../support/encoder-harness.ts';

const SIZE = { widthPx: 320, heightPx: 180, frameRate: 30 };
const hello = (token: string, role = 'video') => JSON.stringify({ type: 'hello', version: 1, token, role });

/** For so long after a change of size, pictures of the size before are let through. */
const OLD_SIZE_ALLOWED_MS = 2_000;

let encoder: EncoderUnderTest;
let demandedMs: number;
beforeAll(async () => {
  encoder = await EncoderUnderTest.start();
  encoder.demand(SIZE);
  demandedMs = performance.now();
});
afterAll(async () => encoder[Symbol.asyncDispose]());

interface Attempt {
  status: number | null;
  code: number | null;
  replies: { type: string; code?: string }[];
}

/** Connects, sends what is given one after another, and waits for the end. */
async function attempt(
  messages: (string | Uint8Array)[],
  options: { origin?: string | undefined; headers?: Record<string, string>; path?: string } = {},
): Promise<Attempt> {
  const url = encoder.mediaUrl.replace('/media', options.path ?? '/media');
  const socket = new WebSocket(url, { ...('origin' in options ? {} : { origin: ORIGIN }), ...options, perMessageDeflate: false });
  const result: Attempt = { status: null, code: null, replies: [] };
  socket.on('unexpected-response', (request, response) => {
    result.status = response.statusCode ?? 0;
    request.destroy();
  });
  socket.on('error', () => {});
  socket.on('message', (data) => result.replies.push(JSON.parse(String(data))));
  socket.on('open', () => {
    for (const message of messages) socket.send(message);
  });
  const closed = once(socket, 'close').then(([code]) => {
    result.code = code as number;
  });
  await Promise.race([closed, eventually(() => result.status !== null, 'a refusal'), sleep(8_000)]);
  const open = result.status === null && result.code === null;
  socket.terminate();
  if (open) throw new Error('the connection was neither refused nor closed');
  return result;
}

function picture(widthPx: number, heightPx: number, extraBytes = 0): Uint8Array {
  const message = new Uint8Array(MEDIA_HEADER_BYTES + i420Bytes(widthPx, heightPx) + extraBytes);
  writeVideoHeader(message, { widthPx, heightPx, tick: 1, captureTimeUs: 0 });
  return message;
}

const sound = encodeAudio({ sampleIndex: 0, captureTimeUs: 0, samples: new Float32Array(960) });

describe('the media listener refuses, closes, and lives', () => {
  test('a good hello is welcome, and its pictures are answered', async () => {
    const feeder = await encoder.feed({ ...SIZE });
    feeder.start();
    await eventually(() => feeder.sent.acks > 5, 'acks');
    await feeder.close();
  });

  test('a wrong token', async () => {
    expect(await attempt([hello('not-the-token')])).toMatchObject({ replies: [{ type: 'refused', code: 'ipc.unauthorised' }] });
  });

  test('a token used before', async () => {
    const token = encoder.token();
    const first = new WebSocket(encoder.mediaUrl, { origin: ORIGIN });
    await once(first, 'open');
    first.send(hello(token));
    await once(first, 'message');
    expect(await attempt([hello(token)])).toMatchObject({ replies: [{ type: 'refused', code: 'ipc.unauthorised' }] });
    expect(first.readyState).toBe(WebSocket.OPEN);
    first.terminate();
  });

  test('a token past its time', async () => {
    const token = encoder.token(50);
    await sleep(120);
    expect(await attempt([hello(token)])).toMatchObject({ replies: [{ type: 'refused', code: 'ipc.unauthorised' }] });
  });

  test('a hello that never comes', async () => {
    expect(await attempt([])).toMatchObject({ replies: [{ type: 'refused', code: 'ipc.unauthorised' }] });
  });

  test.each([['http://evil.example'], ['null'], [`${ORIGIN}.evil.example`], [undefined]])('the origin %s', async (origin) => {
    expect((await attempt([], { origin })).status).toBe(403);
  });

  test.each([['evil.example'], ['127.0.0.1'], ['127.0.0.1:1']])('the host %s', async (host) => {
    expect((await attempt([], { headers: { host } })).status).toBe(421);
  });

  test('another path', async () => expect((await attempt([], { path: '/other' })).status).toBe(404));

  test('a plain request', async () => {
    const response = await fetch(encoder.mediaUrl.replace('ws:', 'http:'));
    expect(response.status).toBe(426);
  });

  test('bytes before the hello', async () => {
    expect(await attempt([picture(320, 180)])).toMatchObject({ replies: [{ type: 'refused', code: 'ipc.bad-input' }] });
  });

  test('text that is not JSON', async () => expect((await attempt(['{nonsense'])).code).toBe(1007));

  test.each([
    ['another version', JSON.stringify({ type: 'hello', version: 2, token: 't', role: 'video' })],
    ['an unknown role', hello('t', 'screen')],
    ['a field too many', JSON.stringify({ type: 'hello', version: 1, token: 't', role: 'video', more: 1 })],
    ['no object', '17'],
  ])('a hello with %s', async (_what, message) => {
    expect(await attempt([message])).toMatchObject({ replies: [{ type: 'refused', code: 'ipc.bad-input' }] });
  });

  test.each([
    ['a picture of another size', picture(160, 90)],
    ['a picture with a byte too many', picture(320, 180, 1)],
    ['a header alone', new Uint8Array(32)],
    ['a broken magic', picture(320, 180).fill(0, 0, 4)],
    ['less than a header', new Uint8Array(5)],
    ['sound on the picture connection', sound],
  ])('%s', async (_what, message) => {
    await sleep(Math.max(0, demandedMs + OLD_SIZE_ALLOWED_MS + 100 - performance.now()));
    expect(await attempt([hello(encoder.token()), message])).toMatchObject({
      replies: [{ type: 'welcome' }, { type: 'refused', code: 'media.bad-frame' }],
    });
  });

  test('a message beyond the largest one, before its bytes are kept', async () => {
    const { code } = await attempt([hello(encoder.token()), new Uint8Array(1_000_000)]);
    expect([1006, 1009]).toContain(code);
  });

  test('JSON that is no ping', async () => {
    const result = await attempt([hello(encoder.token(), 'audio'), JSON.stringify({ type: 'pong' })]);
    expect(result.replies[1]).toMatchObject({ type: 'refused', code: 'ipc.bad-input' });
  });

  test('bytes that are no WebSocket', async () => {
    const socket = connect(Number(new URL(encoder.mediaUrl).port), '127.0.0.1');
    socket.on('error', () => {});
    socket.resume();
    socket.write('\x16\x03\x01 hello?\r\n\r\n');
    await once(socket, 'close');
  });

  test('more than a few connections at once; those without a hello take no place of those with one', async () => {
    const open: WebSocket[] = [];
    for (const role of ['video', 'audio']) {
      const socket = new WebSocket(encoder.mediaUrl, { origin: ORIGIN });
      open.push(socket);
      await once(socket, 'open');
      socket.send(hello(encoder.token(), role));
      await once(socket, 'message');
    }
    for (let n = 0; n < 4; n++) {
      const socket = new WebSocket(encoder.mediaUrl, { origin: ORIGIN });
      open.push(socket);
      await once(socket, 'open');
    }
    expect((await attempt([])).status).toBe(503);
    for (const socket of open) socket.terminate();
    await expect.poll(async () => (await attempt([hello('no token')])).status).toBeNull(); // let in again, to be refused for that
  });

  test('who does not take its leave is let go all the same: its place is free soon after the refusal', async () => {
    const { host, port } = new URL(encoder.mediaUrl);
    const upgrade = [
      'Upgrade: websocket',
      'Connection: Upgrade',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
    ];
    const silent = connect(Number(port), '127.0.0.1');
    silent.on('error', () => {}); // 'close' follows
    silent.write(['GET /media HTTP/1.1', `Host: ${host}`, `Origin: ${ORIGIN}`, ...upgrade, '', ''].join('\r\n'));
    const [answer] = (await once(silent, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 101 /);
    silent.resume();
    const isLetGo = await Promise.race([once(silent, 'close').then(() => true), sleep(7_000).then(() => false)]);
    silent.destroy();
    expect(isLetGo).toBe(true);
  });

  test('a second connection of a role takes the place of the first', async () => {
    const first = await encoder.feed(SIZE);
    const second = await encoder.feed(SIZE);
    second.start();
    await eventually(() => second.sent.acks > 3, 'acks');
    first.sendPicture(1);
    await sleep(100);
    expect(first.sent.acks).toBe(0);
    await Promise.all([first.close(), second.close()]);
  });

  test('the displaced connection is told why', async () => {
    const displaced = attempt([hello(encoder.token(), 'audio')]);
    await encoder.until('media', ({ role, connected }) => role === 'audio' && connected, encoder.messages.length);
    const token = encoder.token();
    const second = new WebSocket(encoder.mediaUrl, { origin: ORIGIN });
    await once(second, 'open');
    second.send(hello(token, 'audio'));
    expect(await displaced).toMatchObject({ code: 1000, replies: [{ type: 'welcome' }, { type: 'refused', code: 'media.replaced' }] });
    second.terminate();
  });

  test('a larger demand closes connections that could not carry it', async () => {
    const feeder = await encoder.feed(SIZE);
    encoder.demand({ ...SIZE, widthPx: 1_280, heightPx: 720 });
    await encoder.until('media', ({ role, connected }) => role === 'video' && !connected, encoder.messages.length);
    await feeder.close();
    const larger = await encoder.feed({ ...SIZE, widthPx: 1_280, heightPx: 720 });
    larger.start();
    await eventually(() => larger.sent.acks > 3, 'acks');
    await larger.close();
    expect(encoder.exited).toBeNull();
    expect(encoder.of('failed')).toEqual([]);
  });
});
