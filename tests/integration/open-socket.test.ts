/** Names, addresses and TCP: each step with its own limit and its own words. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type LookupFunction, type Server } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { openSocket } from '../../src-main/engine/publish/rtmp/socket.ts';
import { parseRtmpUrl } from '../../src-main/engine/publish/rtmp/url.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function listen(): Promise<number> {
  const server = createServer((socket) => socket.on('error', () => {}).resume());
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

const open = (port: number, lookup: LookupFunction, timeoutMs = 5_000, signal = new AbortController().signal) =>
  openSocket(parseRtmpUrl(`rtmp://studio.example:${port}/live`), { timeoutMs, tlsCa: null, signal, onAnswered: () => {}, lookup });

const addresses =
  (...found: string[]): LookupFunction =>
  (_name, _options, callback) =>
    callback(
      null,
      found.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
const silent: LookupFunction = () => {};

describe('a name', () => {
  test('that is not looked up in time fails as such, and says so', async () => {
    const startMs = performance.now();
    await expect(open(1, silent, 300)).rejects.toMatchObject({
      code: 'network.dns',
      message: expect.stringMatching(/studio\.example.*could not be looked up within 0\.3 s.*DNS/),
    });
    expect(performance.now() - startMs).toBeLessThan(5_000);
  });

  test('that does not exist', async () => {
    const fail: LookupFunction = (_name, _options, callback) => callback(Object.assign(new Error('no'), { code: 'ENOTFOUND' }), []);
    await expect(open(1, fail)).rejects.toMatchObject({ code: 'network.dns', message: expect.stringMatching(/cannot be found/) });
  });

  test('whose look-up takes all of its time leaves TCP all of its own', async () => {
    const port = await listen();
    const late: LookupFunction = (name, options, callback) => void setTimeout(() => addresses('127.0.0.1')(name, options, callback), 900);
    const { socket, plain } = await open(port, late, 1_000);
    expect(plain).toBe(socket);
    socket.destroy();
  });

  test.each([
    ['IPv6 first, where nobody listens', ['::1', '127.0.0.1']],
    ['a refusing address first', ['127.0.0.9', '127.0.0.1']],
  ])('with several addresses is reached by one that works: %s', async (_name, found) => {
    const { socket } = await open(await listen(), addresses(...found));
    expect(socket.remoteAddress).toBe('127.0.0.1');
    socket.destroy();
  });

  test('none of whose addresses answers is refused', async () => {
    const port = await listen();
    servers.splice(0).forEach((server) => server.close());
    await expect(open(port, addresses('127.0.0.9', '127.0.0.1'))).rejects.toMatchObject({ code: 'network.refused' });
  });

  test('is given up at once when the attempt is', async () => {
    const controller = new AbortController();
    const opening = open(1, silent, 20_000, controller.signal);
    const startMs = performance.now();
    controller.abort();
    await expect(opening).rejects.toThrow();
    expect(performance.now() - startMs).toBeLessThan(5_000);
  });
});
