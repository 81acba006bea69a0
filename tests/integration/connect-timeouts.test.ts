/** Each step towards a server has a time-out of its own, and the failure says which step it was. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { afterEach, expect, test } from 'vitest';
import { openSocket } from '../../src-main/engine/publish/rtmp/socket.ts';
import { parseRtmpUrl } from '../../src-main/engine/publish/rtmp/url.ts';

const TIMEOUT_MS = 300;

const left: (() => void)[] = [];
afterEach(() => {
  for (const end of left.splice(0)) end();
});

function open(url: string) {
  let answered = false;
  const options = { timeoutMs: TIMEOUT_MS, tlsCa: null, signal: new AbortController().signal, onAnswered: () => void (answered = true) };
  return { opened: openSocket(parseRtmpUrl(url), options), answered: () => answered };
}

test('a server that takes TCP and never answers TLS', async () => {
  const sockets: Socket[] = [];
  const server = createServer((socket) => void sockets.push(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  left.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { opened, answered } = open(`rtmps://127.0.0.1:${(server.address() as AddressInfo).port}/live`);
  await expect(opened).rejects.toMatchObject({ code: 'network.timeout', message: expect.stringContaining('secure connection') });
  expect(answered()).toBe(true);
});

/** A stopped process accepts nobody: Linux drops the SYNs once its backlog is full, as a firewall would. */
test.runIf(process.platform === 'linux')('a server that does not answer TCP', async () => {
  const script = `require('net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, function () { console.log(this.address().port) })`;
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  left.push(() => void child.kill('SIGKILL'));
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  const port = Number(line);
  child.kill('SIGSTOP');
  for (let count = 0; count < 8; count += 1) {
    const filler = connect({ port, host: '127.0.0.1' }).on('error', () => {});
    left.push(() => void filler.destroy());
  }
  await new Promise((resolve) => setTimeout(resolve, 200)); // all that fit are in
  const { opened, answered } = open(`rtmp://127.0.0.1:${port}/live`);
  await expect(opened).rejects.toMatchObject({ code: 'network.timeout', message: expect.not.stringContaining('secure connection') });
  expect(answered()).toBe(false);
});
