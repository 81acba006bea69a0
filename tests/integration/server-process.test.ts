/** The live server as a process: under a parent, and by hand. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test } from 'vitest';
import type { FromServer, ServerOptions, ToServer } from '../../src-main/process/server-contract.ts';
import { NodeServiceHost, type Service } from '../../src-main/process/service.ts';
import { node24, repoRoot } from '../support/find-tools.ts';
import { KEY, Publishers, until } from './server-support.ts';

const OPTIONS: ServerOptions = { host: '127.0.0.1', rtmpPort: 0, httpPort: 0, streams: [{ name: 'live', key: KEY }] };
const publishers = new Publishers();
const services: Service<ToServer, FromServer>[] = [];

afterEach(() => {
  for (const service of services.splice(0)) service.kill('SIGKILL');
});
afterAll(() => publishers.close());

function start(options: ServerOptions) {
  const service = new NodeServiceHost(node24).start<ToServer, FromServer>('server');
  services.push(service);
  const messages: FromServer[] = [];
  const said = <T extends FromServer['type']>(type: T) =>
    messages.filter((message): message is Extract<FromServer, { type: T }> => message.type === type);
  const exit = new Promise<{ code: number | null }>((resolve) => void service.onExit(resolve));
  service.onMessage((message) => void messages.push(message));
  service.send({ type: 'start', options });
  return { service, said, exit };
}

test('a service: ready, statistics each second, idr-wanted, stop', async () => {
  const { service, said, exit } = start(OPTIONS);
  await until(() => said('ready').length > 0);
  const [ready] = said('ready');
  expect(ready).toMatchObject({ pid: service.pid, rtmpUrl: expect.stringMatching(/^rtmp:\/\/127\.0\.0\.1:\d+\/live$/) });
  publishers.publish(await publishers.clip({ gopFrames: 300, seconds: 10 }), `${ready?.rtmpUrl}/live?key=${KEY}`);
  await until(() => (said('stats').at(-1)?.streams[0]?.gopCacheMs ?? 0) > 1_200);
  expect(said('stats').at(-1)?.streams[0]).toMatchObject({ name: 'live', publishing: true, viewers: 0 });
  const { body } = await fetch(`${ready?.httpUrl}/live/live.flv`);
  await until(() => said('idr-wanted').length > 0);
  expect(said('idr-wanted')[0]).toEqual({ type: 'idr-wanted', stream: 'live' });
  await until(() => said('stats').at(-1)?.streams[0]?.viewers === 1);
  await body?.cancel();
  await until(() => said('stats').at(-1)?.streams[0]?.viewers === 0);
  service.send({ type: 'streams', streams: [{ name: 'other', key: 'k' }] });
  await until(() => said('stats').at(-1)?.streams[0]?.name === 'other');
  service.send({ type: 'stop' });
  expect(await exit).toMatchObject({ code: 0 });
});

test('a port in use and a bad stream name are said, with what to do', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as { port: number };
  const { said } = start({ ...OPTIONS, rtmpPort: port });
  await until(() => said('failed').length > 0);
  expect(said('failed')[0]).toMatchObject({ code: 'server.port-in-use', message: expect.stringContaining('choose another port') });
  taken.close();
  const bad = start({ ...OPTIONS, streams: [{ name: '../x', key: 'k' }] });
  await until(() => bad.said('failed').length > 0);
  expect(bad.said('failed')[0]).toMatchObject({ code: 'server.unavailable' });
});

test('by hand: prints its addresses, ends on SIGTERM; wrong arguments print the usage', async () => {
  const entry = join(repoRoot, 'src-main/server/main.ts');
  const child = spawn(node24, [entry, '--rtmp-port', '0', '--http-port', '0', '--stream', 'show', '--key', KEY], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let out = '';
  child.stdout.on('data', (data: Buffer) => (out += data));
  await until(() => out.includes('/live/show.flv'));
  expect(out).toMatch(/publish to\s+rtmp:\/\/127\.0\.0\.1:\d+\/live\n/);
  expect(out).not.toContain(KEY);
  child.kill('SIGTERM');
  expect((await once(child, 'close'))[0]).toBe(0);

  const wrong = spawn(node24, [entry, '--stream', 'show'], { stdio: ['ignore', 'ignore', 'pipe'] });
  let errors = '';
  wrong.stderr.on('data', (data: Buffer) => (errors += data));
  const missing = ['--tls-cert', '/no/such/file', '--tls-key', '/no/such/file'];
  const failing = spawn(node24, [entry, '--stream', 'show', '--key', KEY, ...missing], { stdio: ['ignore', 'ignore', 'pipe'] });
  let failure = '';
  failing.stderr.on('data', (data: Buffer) => (failure += data));
  const ends = await Promise.all([once(wrong, 'close'), once(failing, 'close')]);
  expect(ends.map(([code]) => code)).toEqual([2, 1]);
  expect(errors).toContain('usage:');
  expect(failure).toMatch(/^server\.certificate: /);
});
