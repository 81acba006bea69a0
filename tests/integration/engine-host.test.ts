/** The browser host as its neighbours see it: who may connect, what a bad call does, how it starts and ends. */
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import WebSocket from 'ws';
import { Destination } from '../../src-shared/domain/index.ts';
import { type Host, HostError, nextEvent, startHost } from '../support/engine-harness.ts';

let host: Host;
beforeAll(async () => void (host = await startHost()));
afterAll(async () => void (await host?.stop()));

interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
}

function get(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(`${host.origin}${path}`, { method, headers }, (response) => {
      response.resume();
      response.once('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers }));
    });
    sent.once('error', reject);
    sent.end();
  });
}

/** For what no client of good manners sends. @returns the HTTP status of the answer; NaN when there is none */
async function askRaw(target: string, headers: string[]): Promise<number> {
  const { port } = new URL(host.origin);
  const socket = connect(Number(port), '127.0.0.1');
  socket.on('error', () => {});
  socket.end([`GET ${target} HTTP/1.1`, `Host: 127.0.0.1:${port}`, ...headers, '', ''].join('\r\n'));
  let answer = '';
  socket.on('data', (data) => (answer += data.toString()));
  await once(socket, 'close');
  return Number(answer.split(' ')[1]);
}

/** @returns the HTTP status of a refused upgrade, or the close code after the first message */
async function knock(options: { path?: string; origin?: string; host?: string; first?: string | Buffer }): Promise<number> {
  const headers: Record<string, string> = options.host ? { host: options.host } : {};
  const socket = new WebSocket(`${host.origin.replace('http', 'ws')}${options.path ?? '/engine'}`, {
    ...(options.origin ? { origin: options.origin } : {}),
    headers,
  });
  return new Promise((resolve) => {
    socket.on('unexpected-response', (_request, response) => {
      resolve(response.statusCode ?? 0);
      socket.terminate();
    });
    socket.on('error', () => {});
    socket.on('open', () => options.first !== undefined && socket.send(options.first));
    socket.on('close', (code) => resolve(code));
  });
}

describe('the address', () => {
  test('a page under another name of this machine is refused (DNS rebinding)', async () => {
    expect((await get('/', { host: 'evil.example' })).status).toBe(421);
    expect((await get('/', { host: 'evil.example:80' })).status).toBe(421);
  });

  test('nothing but reading is allowed, and only inside the interface', async () => {
    expect((await get('/', {}, 'POST')).status).toBe(405);
    expect((await get('/../package.json')).status).toBe(404);
    expect((await get('/%2e%2e/%2e%2e/package.json')).status).toBe(404);
    expect((await get('/assets/no-such-asset')).status).toBe(404);
  });

  test.each(['//', '///', 'http://[', '/%'])('the target %j is refused, and the studio lives on', async (target) => {
    expect([400, 404]).toContain(await askRaw(target, ['Connection: close']));
    const upgrade = [
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ];
    for (const origin of [host.origin, 'http://evil.example'])
      expect([400, 404]).toContain(await askRaw(target, [...upgrade, `Origin: ${origin}`]));
    expect((await host.client.invoke('studio.info')).host).toBe('browser');
  });

  test('a picture of the user is served by its id, so that no script in it can run', async () => {
    const png = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');
    const asset = await host.client.invoke('asset.put', { name: 'dot.png', mimeType: 'image/png', bytes: png });
    const { status, headers } = await get(`/assets/${asset.id}`);
    expect(status).toBe(200);
    expect(headers['content-type']).toBe('image/png');
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['content-security-policy']).toContain('sandbox');
    expect(headers['cross-origin-resource-policy']).toBe('same-origin');
    expect(headers['content-length']).toBe(String(png.byteLength));
    expect((await host.client.invoke('asset.list')).map(({ id }) => id)).toContain(asset.id);
  });
});

describe("the engine's WebSocket", () => {
  test.each([
    ['no Origin', {}, 403],
    ['the Origin of another page', { origin: 'http://evil.example' }, 403],
    ['another name as Host', { host: 'evil.example', origin: 'own' }, 421],
    ['another path', { path: '/other', origin: 'own' }, 404],
    ['a wrong token', { origin: 'own', first: JSON.stringify({ type: 'hello', token: 'x'.repeat(32) }) }, 4401],
    ['no token', { origin: 'own', first: JSON.stringify({ type: 'hello' }) }, 4401],
    ['a call before the hello', { origin: 'own', first: JSON.stringify({ id: 1, call: 'studio.info' }) }, 4401],
    ['bytes before the hello', { origin: 'own', first: Buffer.from([1, 2, 3]) }, 4401],
    ['no JSON', { origin: 'own', first: '{' }, 1007],
  ] as const)('%s: refused', async (_what, options, code) => {
    expect(await knock({ ...options, ...('origin' in options && options.origin === 'own' ? { origin: host.origin } : {}) })).toBe(code);
  });

  test('the right token gets answers', async () => {
    const client = await host.connect();
    expect(await client.invoke('studio.info')).toMatchObject({ host: 'browser', dataDirectory: host.dataDirectory });
    client.close();
  });
});

describe('bad calls', () => {
  test('get an error code and change nothing', async () => {
    const before = await host.client.invoke('collection.get');
    const invoke = host.client.invoke.bind(host.client) as (name: string, input?: unknown) => Promise<unknown>;
    await expect(invoke('studio.explode')).rejects.toMatchObject({ code: 'ipc.unknown-call' });
    await expect(invoke('__proto__')).rejects.toMatchObject({ code: 'ipc.unknown-call' });
    await expect(
      invoke('collection.save', { baseRevision: before.revision, collection: { ...before.collection, scenes: [] } }),
    ).rejects.toMatchObject({ code: 'ipc.bad-input' });
    await expect(
      invoke('collection.save', { baseRevision: before.revision, collection: before.collection, more: 1 }),
    ).rejects.toMatchObject({ code: 'ipc.bad-input' });
    await expect(invoke('collection.save', { baseRevision: before.revision + 7, collection: before.collection })).rejects.toMatchObject({
      code: 'store.conflict',
    });
    await expect(invoke('scene.cut', { sceneId: 'nowhere' })).rejects.toMatchObject({ code: 'store.not-found' });
    await expect(invoke('profile.activate', { id: 'nobody' })).rejects.toMatchObject({ code: 'store.not-found' });
    await expect(invoke('recording.remove', { id: 'none', deleteFile: true })).rejects.toMatchObject({ code: 'store.not-found' });
    expect(await host.client.invoke('collection.get')).toEqual(before);
  });

  test('messages that are no calls are ignored and hurt nobody', async () => {
    const socket = new WebSocket(`${host.origin.replace('http', 'ws')}/engine`, { origin: host.origin });
    await once(socket, 'open');
    socket.send(JSON.stringify({ type: 'hello', token: host.token }));
    socket.send(JSON.stringify({ nonsense: true }));
    socket.send(Buffer.alloc(1_000));
    socket.send(JSON.stringify({ id: 5, call: 'media.demand' }));
    const [reply] = await once(socket, 'message');
    expect(JSON.parse(String(reply))).toEqual({ id: 5, result: { ok: true, value: null } });
    socket.terminate();
  });

  test('what is not running cannot be stopped', async () => {
    await expect(host.client.invoke('session.stop')).rejects.toMatchObject({ code: 'session.not-live' });
    await expect(host.client.invoke('recording.stop')).rejects.toMatchObject({ code: 'record.not-recording' });
    await expect(host.client.invoke('destination.retry', { id: 'rehearsal' })).rejects.toMatchObject({ code: 'session.not-live' });
  });
});

describe('destinations', () => {
  const destination = { id: 'out', name: 'Out', kind: 'rtmp' as const, url: 'rtmp://127.0.0.1:1/live', enabled: false };

  test('a key goes in and never comes out', async () => {
    const pushed = nextEvent(host.client, 'destinations.changed');
    await host.client.invoke('destination.save', { destination, streamKey: 'secret-key-123' });
    expect((await pushed).find(({ id }) => id === 'out')).toEqual({ ...Destination.parse(destination), hasKey: true });
    expect(JSON.stringify(await host.client.invoke('destination.list'))).not.toContain('secret-key-123');
    await host.client.invoke('destination.save', { destination: { ...destination, name: 'Renamed' } });
    expect((await host.client.invoke('destination.list')).find(({ id }) => id === 'out')).toMatchObject({ name: 'Renamed', hasKey: true });
    await host.client.invoke('destination.save', { destination, streamKey: '' });
    expect((await host.client.invoke('destination.list')).find(({ id }) => id === 'out')?.hasKey).toBe(false);
    expect(host.log()).not.toContain('secret-key-123');
    await host.client.invoke('destination.remove', { id: 'out' });
  });

  test('a key stays with its server: another host needs its own', async () => {
    const hasKey = async () => (await host.client.invoke('destination.list')).find(({ id }) => id === 'out')?.hasKey;
    await host.client.invoke('destination.save', { destination, streamKey: 'secret-key-123' });
    await host.client.invoke('destination.save', { destination: { ...destination, url: 'rtmp://127.0.0.1:1/other' } });
    expect(await hasKey()).toBe(true);
    const elsewhere = { ...destination, url: 'rtmp://localhost:1/live' };
    await host.client.invoke('destination.save', { destination: elsewhere });
    expect(await hasKey()).toBe(false);
    await host.client.invoke('destination.save', { destination, streamKey: 'key-of-the-other' });
    expect(await hasKey()).toBe(true);
    await host.client.invoke('destination.remove', { id: 'out' });
  });

  test.each(['http://127.0.0.1/live', 'not an address', 'rtmp://', ''])('the address %j is refused', async (url) => {
    await expect(host.client.invoke('destination.save', { destination: { ...destination, url } })).rejects.toMatchObject({
      code: 'rtmp.bad-url',
    });
    expect((await host.client.invoke('destination.list')).map(({ id }) => id)).toEqual(['rehearsal']);
  });

  test('the rehearsal stays', async () => {
    await expect(host.client.invoke('destination.remove', { id: 'rehearsal' })).rejects.toMatchObject({ code: 'store.conflict' });
    await expect(
      host.client.invoke('destination.save', { destination: { ...destination, kind: 'rehearsal', url: '' } }),
    ).rejects.toMatchObject({ code: 'store.conflict' });
  });

  test('without an enabled destination there is no show', async () => {
    const [rehearsal] = await host.client.invoke('destination.list');
    if (!rehearsal) throw new Error('no rehearsal');
    const { hasKey: _, ...plain } = rehearsal;
    await host.client.invoke('destination.save', { destination: { ...plain, enabled: false } });
    await expect(host.client.invoke('session.start')).rejects.toMatchObject({ code: 'session.no-destination' });
    expect((await host.client.invoke('stats.get')).session).toEqual({ phase: 'idle' });
    await host.client.invoke('destination.save', { destination: plain });
  });
});

describe('start and end', () => {
  test('every client hears of a change', async () => {
    const other = await host.connect();
    const heard = nextEvent(other, 'collection.changed');
    const { revision, collection } = await host.client.invoke('collection.get');
    const saved = await host.client.invoke('collection.save', { baseRevision: revision, collection: { ...collection, name: 'Changed' } });
    expect(await heard).toEqual({ revision: saved.revision, collection: { ...collection, name: 'Changed' } });
    other.close();
  });

  test('a second engine on the same data folder says so and ends', async () => {
    const failure = await startHost({ dataDirectory: host.dataDirectory }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(HostError);
    expect(failure).toMatchObject({ exitCode: 1 });
    expect((failure as HostError).stderr).toContain('Another Tidecast is using the data folder');
  });

  test('a taken port is named, and the usual live server ports give way to free ones', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as { port: number };
    const failure = await startHost({ args: ['--port', String(port)] }).catch((error: unknown) => error);
    expect((failure as HostError).stderr).toContain(`Port ${port} is taken`);
    const other = await startHost({ args: ['--rtmp-port', String(port)] });
    await expect
      .poll(async () => (await other.client.invoke('studio.info')).viewerUrl, { timeout: 10_000 })
      .toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect((await other.client.invoke('activity.list')).map(({ failure: found }) => found?.code)).toContain('server.port-in-use');
    expect(await other.stop()).toBe(0);
    taken.close();
  });

  test('scenes survive a SIGKILL, and the folder is free at once', async () => {
    const dataDirectory = mkdtempSync(join(tmpdir(), 'tidecast-kill-'));
    const first = await startHost({ dataDirectory });
    const { revision, collection } = await first.client.invoke('collection.get');
    await first.client.invoke('collection.save', { baseRevision: revision, collection: { ...collection, name: 'Kept' } });
    await first.kill();
    const second = await startHost({ dataDirectory });
    expect((await second.client.invoke('collection.get')).collection.name).toBe('Kept');
    expect(await second.stop()).toBe(0);
    rmSync(dataDirectory, { recursive: true, force: true });
  });

  test('a bad database file is put aside or named, never lost', async () => {
    const dataDirectory = mkdtempSync(join(tmpdir(), 'tidecast-bad-'));
    const first = await startHost({ dataDirectory });
    await first.stop();
    const file = readdirSync(dataDirectory).find((name) => /\.(db|sqlite3?)$/.test(name));
    if (!file) throw new Error(`no database in ${readdirSync(dataDirectory).join(' ')}`);
    writeFileSync(join(dataDirectory, file), 'this is no database'.repeat(1_000));
    const second = await startHost({ dataDirectory });
    const activities = await second.client.invoke('activity.list');
    expect(activities.find(({ failure }) => failure?.code === 'store.corrupt')?.message).toBeTruthy();
    await second.stop();
    rmSync(dataDirectory, { recursive: true, force: true });
  });
});
