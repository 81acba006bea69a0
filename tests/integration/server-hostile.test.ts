/** The live server and peers that mean harm, while a show goes on that must not notice. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { exchange, FlvViewer, KEY, Publishers, RawRtmp, type SeenTag, startServer, type TestServer, until } from './server-support.ts';

const LIMITS = { handshakeMs: 500, commandMs: 700, headersMs: 500, requestMs: 1_000, rtmpConnectionsMax: 20, httpConnectionsMax: 20 };
const publishers = new Publishers();
let server: TestServer;
/** whose only reason to cut off a connection is what was said on it */
let patient: TestServer;
let viewer: FlvViewer;
let open: RawRtmp[] = [];

beforeAll(async () => {
  server = await startServer(LIMITS);
  patient = await startServer({ handshakeMs: 600_000, commandMs: 600_000 });
  publishers.publish(await publishers.clip(), `${server.rtmpUrl}/live?key=${KEY}`);
  viewer = await FlvViewer.open(`${server.httpUrl}/live/live.flv`);
  await until(() => viewer.videos.length > 0);
});

afterEach(async () => {
  for (const client of open) client.socket.destroy();
  open = [];
  const seen = viewer.videos.length;
  await until(() => viewer.videos.length > seen + 5); // the show goes on
});

afterAll(async () => {
  const steps = viewer.videos.slice(1).map(({ timestampMs }, i) => timestampMs - (viewer.videos[i] as SeenTag).timestampMs);
  viewer.close();
  await server.close();
  await patient.close();
  await publishers.close();
  expect(Math.max(...steps)).toBeLessThan(60);
});

async function rtmp({ handshake = true, connected = false, to = server } = {}): Promise<RawRtmp> {
  const client = new RawRtmp(to.rtmpPort);
  open.push(client);
  await once(client.socket, 'connect');
  if (handshake) await client.shakeHands();
  if (connected) {
    client.command('connect', { app: 'live' });
    await until(() => client.codes.includes('NetConnection.Connect.Success'));
  }
  return client;
}

describe('RTMP', () => {
  test('another protocol is cut off at once', async () => {
    expect(await exchange(server.rtmpPort, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n')).toBe('');
  });

  test.each([
    ['says nothing', { handshake: false }],
    ['stops after the handshake', {}],
    ['connects and then waits', { connected: true }],
  ])('a peer that %s is cut off in time', async (_what, how) => {
    const client = await rtmp(how);
    await until(() => client.closed);
  });

  test('a player that plays, deletes its stream and then waits is cut off in time', async () => {
    const client = await rtmp({ connected: true });
    client.command('play', null, ['live'], 1);
    await until(() => client.codes.includes('NetStream.Play.Start'));
    await sleep(LIMITS.commandMs + 300);
    expect(client.closed).toBe(false); // a viewer has nothing to say
    client.command('deleteStream', null, [1]);
    await until(() => client.closed);
  });

  test('a handshake that trickles does not hold its place', async () => {
    const client = await rtmp({ handshake: false });
    client.socket.write(Uint8Array.of(3));
    const trickle = setInterval(() => client.socket.write(Uint8Array.of(0)), 50);
    await until(() => client.closed);
    clearInterval(trickle);
  });

  test.each([
    ['a message of 16 MiB', '03 000000 ffffff 09 01000000'],
    ['a chunk size of 0', '02 000000 000004 01 00000000 00000000'],
    ['a chunk size with the high bit', '02 000000 000004 01 00000000 80000000'],
    ['an empty Set Chunk Size', '02 000000 000000 01 00000000'],
    ['a length that changes in mid-message', `03 000000 000200 14 00000000 ${'00'.repeat(128)} 03 000000 000400 14 00000000`],
    ['a command that is no AMF', '03 000000 000004 14 00000000 ffffffff'],
    ['a type 3 header out of nowhere', 'c7 00'],
  ])('%s ends the connection', async (_what, hex) => {
    const client = await rtmp({ to: patient });
    client.socket.write(Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex')));
    await until(() => client.closed);
  });

  test('AMF nested without end is refused', async () => {
    const client = await rtmp({ to: patient });
    const nested = Uint8Array.from(
      Buffer.concat([Buffer.from('02000763', 'hex'), Buffer.from('onnect'), ...Array(2_000).fill(Buffer.from('03000161', 'hex'))]),
    );
    client.send({ chunkStreamId: 3, type: 20, streamId: 0, timestampMs: 0, payload: nested });
    await until(() => client.closed);
  });

  test('a flood before a key was shown is cut off', async () => {
    const client = await rtmp({ connected: true, to: patient });
    for (let i = 0; i < 40; i += 1)
      client.send({ chunkStreamId: 6, type: 9, streamId: 1, timestampMs: i, payload: new Uint8Array(10_000) });
    await until(() => client.closed);
    expect(server.stats()[0]?.publishing).toBe(true);
  });

  test.each([
    ['publish', 'x'.repeat(300), 'NetStream.Publish.Unauthorized'],
    ['publish', '../live', 'NetStream.Publish.Unauthorized'],
    ['publish', `live?key=${KEY}`, 'NetStream.Publish.BadName'], // right, but someone is sending
    ['play', '../../etc/passwd', 'NetStream.Play.StreamNotFound'],
    ['play', 'x'.repeat(300), 'NetStream.Play.StreamNotFound'],
    ['play', '', 'NetStream.Play.StreamNotFound'],
  ])('%s %s is answered with %s', async (command, name, code) => {
    const client = await rtmp({ connected: true });
    client.command('createStream', null);
    client.command(command, null, [name], 1);
    await until(() => client.closed);
    expect(client.codes).toContain(code);
  });

  test('commands before connect, and streams without end, are cut off', async () => {
    const early = await rtmp({ to: patient });
    early.command('publish', null, [`live?key=${KEY}`], 1);
    await until(() => early.closed);
    const greedy = await rtmp({ connected: true, to: patient });
    for (let i = 0; i < 20; i += 1) greedy.command('createStream', null);
    await until(() => greedy.closed);
  });

  test('a publisher cannot break in with another one’s media', async () => {
    const client = await rtmp({ connected: true });
    const before = server.stats()[0]?.bitrateKbps ?? 0;
    client.send({ chunkStreamId: 6, type: 9, streamId: 1, timestampMs: 0, payload: Uint8Array.of(0x17, 1, 0, 0, 0, 0xff) });
    await until(() => client.closed);
    expect(before).toBeGreaterThan(0);
    expect(viewer.videos.some(({ data }) => data.length === 6)).toBe(false);
  });

  test('connections beyond the limit are turned away, and room is made again', async () => {
    await Promise.all(Array.from({ length: LIMITS.rtmpConnectionsMax + 10 }, () => rtmp({ handshake: false }).catch(() => null)));
    await until(() => open.filter(({ closed }) => closed).length >= 10);
    for (const client of open) client.socket.destroy();
    await until(async () => !(await rtmp().catch(() => null))?.closed);
  });

  test('property: random bytes after the handshake end in a closed connection, nothing else', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 3_000 }), async (bytes) => {
        const client = await rtmp({ to: patient });
        client.socket.end(bytes);
        await until(() => client.closed);
      }),
      { numRuns: 25 },
    );
  });
});

describe('HTTP', () => {
  const request = (line: string, ...headers: string[]) =>
    exchange(server.httpPort, [line, ...headers, 'Connection: close', '', ''].join('\r\n'));
  const own = () => `Host: 127.0.0.1:${server.httpPort}`;

  test.each([
    ['another name', 'Host: evil.example'],
    ['a name that ends like ours', 'Host: localhost.evil.example'],
    ['an address of the network', 'Host: 192.168.1.20'],
  ])('%s is misdirected: no rebinding', async (_what, host) => {
    for (const path of ['/watch/live', '/live/live.flv', '/api/streams']) {
      expect(await request(`GET ${path} HTTP/1.1`, host)).toMatch(/^HTTP\/1\.1 421 /);
    }
  });

  test.each([
    '/viewer/../../package.json',
    '/viewer/%2e%2e/%2e%2e/package.json',
    '/viewer/..%2f..%2fpackage.json',
    '/viewer/assets/../../../package.json',
    '/viewer//etc/passwd',
    '/viewer/%00',
    '/viewer/%',
    '/live/../../etc/passwd.flv',
    '/live/%2e%2e%2fx.flv',
    '/live/nobody.flv',
    '/api/streams/nobody',
    '/nowhere',
  ])('%s is not there', async (path) => {
    expect(await request(`GET ${path} HTTP/1.1`, own())).toMatch(/^HTTP\/1\.1 404 /);
  });

  test('headers that never end are cut off in time', async () => {
    const socket = connect(server.httpPort, '127.0.0.1');
    const closed = new Promise((resolve) => socket.on('error', () => {}).on('close', resolve)); // an error comes where it is cut off in a write
    socket.write(`GET /live/live.flv HTTP/1.1\r\n${own()}\r\n`);
    const trickle = setInterval(() => socket.write('X-A: b\r\n'), 50);
    socket.resume();
    await closed;
    clearInterval(trickle);
  });

  test('headers too large, other methods, and what is no HTTP are refused', async () => {
    expect(await request('GET /health HTTP/1.1', own(), `X-Large: ${'x'.repeat(20_000)}`)).toMatch(/^HTTP\/1\.1 431 /);
    expect(await request('POST /api/streams HTTP/1.1', own(), 'Content-Length: 0')).toMatch(/^HTTP\/1\.1 405 /);
    expect(await exchange(server.httpPort, '\x03\x00\x00\x00\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
  });

  test('a connection carries one stream: another request on it ends it, and holds no place', async () => {
    const socket = connect(server.httpPort, '127.0.0.1');
    socket.on('error', () => {}); // 'close' follows
    socket.resume();
    const viewers = server.stats()[0]?.viewers;
    socket.write(`GET /live/live.flv HTTP/1.1\r\n${own()}\r\n\r\n`.repeat(10));
    await once(socket, 'close');
    await until(() => server.stats()[0]?.viewers === viewers);
    const waiting = await FlvViewer.open(`${server.httpUrl}/live/live.flv`);
    await until(() => waiting.videos.length > 0);
    waiting.close();
  });

  test('another site may not read what a visitor can', async () => {
    const foreign = await request('GET /api/streams HTTP/1.1', own(), 'Origin: https://evil.example');
    expect(foreign.toLowerCase()).not.toContain('access-control-allow-origin');
    const near = await request('OPTIONS /live/live.flv HTTP/1.1', own(), 'Origin: http://localhost:5173');
    expect(near).toMatch(/^HTTP\/1\.1 204 /);
    expect(near.toLowerCase()).toContain('access-control-allow-origin: http://localhost:5173');
  });

  test('every answer forbids sniffing; a key is in none of them', async () => {
    for (const path of ['/api/streams', '/api/streams/live', '/api/time', '/health', '/nowhere']) {
      const answer = await request(`GET ${path} HTTP/1.1`, own());
      expect(answer.toLowerCase()).toContain('x-content-type-options: nosniff');
      expect(answer).not.toContain(KEY);
    }
    expect(await request('HEAD /live/live.flv HTTP/1.1', own())).toMatch(/^HTTP\/1\.1 200 .*video\/x-flv/s);
  });
});
