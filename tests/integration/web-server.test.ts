/** The browser host's WebSocket, before and while a page shows its token. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { MediaInputs } from '../../src-main/encoder/media-input.ts';
import { listenForMedia } from '../../src-main/encoder/media-listener.ts';
import { WebServer } from '../../src-main/headless/web-server.ts';
import { LOOPBACK_LIMITS, type LoopbackLimits } from '../../src-main/process/loopback-server.ts';
import { repoRoot } from '../support/find-tools.ts';

const TOKEN = 'sesame';
const GREETING_MAX = 16;
let server: WebServer;
let attached = 0;
const open: { destroy(): void }[] = [];

beforeEach(async () => {
  attached = 0;
  server = await WebServer.listen({ port: 0, usualPort: 0, rendererDirectory: repoRoot, token: TOKEN, extraOrigins: [] });
  server.serve({ attach: () => void (attached += 1), readAsset: async () => null });
});

afterEach(async () => {
  for (const client of open.splice(0)) client.destroy();
  await server.close();
});

const hello = (token = TOKEN) => JSON.stringify({ type: 'hello', token });

function page(): WebSocket {
  const socket = new WebSocket(`${server.origin.replace('http', 'ws')}/engine`, { origin: server.origin });
  socket.on('error', () => {}); // 'close' follows
  open.push({ destroy: () => socket.terminate() });
  return socket;
}

/** A page by hand: it answers no closing. @returns its connection, and the status line */
async function rawPage(): Promise<[Socket, string]> {
  const { host, port } = new URL(server.origin);
  const socket = connect(Number(port), '127.0.0.1');
  socket.on('error', () => {}); // 'close' follows
  open.push(socket);
  const upgrade = ['Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=='];
  socket.write(['GET /engine HTTP/1.1', `Host: ${host}`, `Origin: ${server.origin}`, ...upgrade, '', ''].join('\r\n'));
  const [answer] = (await once(socket, 'data')) as [Buffer];
  socket.resume();
  return [socket, answer.toString().split('\r\n')[0] ?? ''];
}

/** A masked frame (RFC 6455, 5.2) of so much, under a mask of zeros. */
function frame(opcode: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(14);
  head.set([opcode, 0x80 | 127]);
  head.writeBigUInt64BE(BigInt(payload.length), 2);
  return Buffer.concat([head, payload]);
}

const FINAL_TEXT = 0x81;

/** Within so long the server lets go of it. */
async function endsWithin(socket: Socket, ms: number): Promise<boolean> {
  if (socket.closed) return true;
  return await Promise.race([once(socket, 'close').then(() => true), sleep(ms, false)]);
}

test('who shows the token may then say as much as a picture takes', async () => {
  const socket = page();
  await once(socket, 'open');
  socket.send(hello());
  await expect.poll(() => attached).toBe(1);
  socket.send(JSON.stringify({ picture: 'x'.repeat(1_000_000) }));
  await sleep(200);
  expect(socket.readyState).toBe(WebSocket.OPEN);
});

test('who has not shown the token is cut off after a few kilobytes, in one message or in many parts', async () => {
  const [greedy] = await rawPage();
  greedy.write(frame(0x02, Buffer.alloc(8_000))); // the first part of a message without end
  expect(await endsWithin(greedy, 2_000)).toBe(true);
  const [chatty] = await rawPage();
  for (let i = 0; i < 4; i += 1) chatty.write(frame(i === 0 ? 0x02 : 0x00, Buffer.alloc(2_000)));
  expect(await endsWithin(chatty, 2_000)).toBe(true);
  expect(attached).toBe(0);
});

test('who is refused is let go soon, whether or not it takes its leave', async () => {
  const polite = page();
  await once(polite, 'open');
  polite.send(hello('another'));
  expect((await once(polite, 'close'))[0]).toBe(4401);
  const [rude] = await rawPage();
  rude.write(frame(FINAL_TEXT, Buffer.from(hello('another'))));
  expect(await endsWithin(rude, 3_000)).toBe(true);
  const [nonsense] = await rawPage();
  nonsense.write(frame(FINAL_TEXT, Buffer.from('{no JSON')));
  expect(await endsWithin(nonsense, 3_000)).toBe(true);
});

test('who says nothing is let go after five seconds', async () => {
  const [silent] = await rawPage();
  expect(await endsWithin(silent, 9_000)).toBe(true);
});

test('few may be silent at a time; a page of the user’s still comes in once they are gone', async () => {
  const statuses = [];
  const sockets = [];
  for (let i = 0; i < GREETING_MAX + 4; i += 1) {
    const [socket, status] = await rawPage();
    statuses.push(status);
    sockets.push(socket);
  }
  expect(statuses.filter((status) => status.includes(' 101 '))).toHaveLength(GREETING_MAX);
  expect(statuses.filter((status) => status.includes(' 503 '))).toHaveLength(4);
  for (const socket of sockets) socket.destroy();
  await expect
    .poll(async () => {
      const socket = page();
      socket.on('open', () => socket.send(hello()));
      await Promise.race([once(socket, 'close'), sleep(100)]);
      return attached;
    })
    .toBeGreaterThan(0);
});

const options = () => ({ port: 0, usualPort: 0, rendererDirectory: repoRoot, token: TOKEN, extraOrigins: [] });
const nobody = { size: {}, accept() {} } as unknown as MediaInputs; // nobody gets as far as to it

test.each([
  [
    'the interface’s listener',
    async (limits: Partial<LoopbackLimits>) => {
      const limited = await WebServer.listen({ ...options(), limits });
      return { url: limited.origin, close: () => limited.close() };
    },
  ],
  ['the encoder’s', (limits: Partial<LoopbackLimits>) => listenForMedia(nobody, { host: '127.0.0.1', allowedOrigins: [], limits })],
])('%s lets go of who does not finish a request, and takes so many connections', async (_, listen) => {
  const [hasty, small] = [await listen({ headersMs: 200, requestMs: 300 }), await listen({ connectionsMax: 3 })];
  const dial = async ({ url }: { url: string }) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.on('error', () => {}).resume(); // 'close' follows
    open.push(socket);
    await once(socket, 'connect');
    return socket;
  };
  const first = await dial(hasty);
  first.write('GET / HTTP/1.1\r\nHost:');
  expect(await endsWithin(first, 5_000)).toBe(true);
  const three = await Promise.all([dial(small), dial(small), dial(small)]);
  expect(await endsWithin(await dial(small), 5_000)).toBe(true);
  expect(three.some(({ closed }) => closed)).toBe(false);
  await Promise.all([hasty.close(), small.close()]);
});

test('left to themselves they take what the usual limits say', async () => {
  const all = await Promise.all(
    Array.from({ length: LOOPBACK_LIMITS.connectionsMax + 1 }, async () => {
      const socket = connect(Number(new URL(server.origin).port), '127.0.0.1');
      socket.on('error', () => {}).resume();
      open.push(socket);
      await once(socket, 'connect');
      return socket;
    }),
  );
  await expect.poll(() => all.filter(({ closed }) => closed).length).toBe(1);
});
