/** The live server's figures, against what its clients count themselves. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest';
import { createLiveServer } from '../../src-main/server/create-server.ts';
import { KEY, Publishers, publishing, startServer, type TestServer, until } from './server-support.ts';

const publishers = new Publishers();
let server: TestServer;
beforeEach(async () => {
  server = await startServer();
});
afterEach(() => server.close());
afterAll(() => publishers.close());

/** Reads everything and counts it, headers included. */
class CountingViewer {
  bytes = 0;
  readonly closed: Promise<unknown>;
  readonly #socket: Socket;

  constructor(port: number) {
    this.#socket = connect(port, '127.0.0.1');
    this.#socket.on('data', ({ length }) => {
      this.bytes += length;
    });
    this.closed = once(this.#socket, 'close');
    this.#socket.write(`GET /live/live.flv HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\n\r\n`);
  }
}

async function scrape(): Promise<Map<string, number>> {
  const response = await fetch(`${server.httpUrl}/metrics`);
  expect(response.headers.get('content-type')).toMatch(/^text\/plain/);
  const lines = (await response.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]));
}

const BEACON = {
  viewerId: '0123456789abcdef',
  protocol: 'flv',
  state: 'playing',
  glassMs: 640,
  glassFrom: 'stream',
  stagesMs: null,
  bufferMs: 500,
  startupMs: 350,
  playedMs: 9_000,
  stalls: 2,
  stalledMs: 1_000,
  reconnects: 1,
  shownFrames: 270,
  droppedFrames: 3,
  bitrateKbps: 600,
  widthPx: 320,
  heightPx: 180,
};

const post = (body: unknown, headers: Record<string, string> = {}, name = 'live') =>
  fetch(`${server.httpUrl}/api/streams/${name}/qoe`, {
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
    headers,
  });

test('Prometheus tells what the clients count: viewers, every byte of them, and what was asked of the publisher', async () => {
  publishers.publish(await publishers.clip(), `${server.rtmpUrl}/live?key=${KEY}`);
  await until(() => publishing(server));
  const viewers = Array.from({ length: 12 }, () => new CountingViewer(server.httpPort));
  await until(() => viewers.every(({ bytes }) => bytes > 100_000));
  const during = await scrape();
  expect(during.get('tidecast_publishers{stream="live"}')).toBe(1);
  expect(during.get('tidecast_viewers{stream="live",protocol="flv"}')).toBe(12);
  expect(during.get('tidecast_viewers{stream="live",protocol="rtmp"}')).toBe(0);
  expect(during.get('tidecast_publications_total{stream="live"}')).toBe(1);
  expect(during.get('tidecast_dropped_frames_total{stream="live"}')).toBe(0);
  expect(during.get('tidecast_received_bytes_total{protocol="rtmp"}')).toBeGreaterThan(50_000);
  expect(during.get('process_cpu_seconds_total')).toBeGreaterThan(0);
  expect(during.get('process_resident_memory_bytes')).toBeGreaterThan(10_000_000);

  const ask = () => fetch(`${server.httpUrl}/api/streams/live/keyframe`, { method: 'POST' });
  const answers = await Promise.all([ask(), ask(), ask()]);
  expect(answers.map(({ status }) => status)).toContain(202);
  const asked = async () => (await scrape()).get('tidecast_idr_requests_total{stream="live"}');
  await until(async () => server.idrWanted.length > 0 && (await asked()) === server.idrWanted.length);

  server.setStreams([]); // everyone is let go, and so nothing is under way any more
  await Promise.all(viewers.map(({ closed }) => closed));
  const counted = viewers.reduce((sum, { bytes }) => sum + bytes, 0);
  expect((await scrape()).get('tidecast_sent_bytes_total{protocol="flv"}')).toBe(counted);
  expect(server.figures().viewers).toEqual({ flv: 0, hls: 0, rtmp: 0 });
});

test('what players tell is counted once, under the name of a stream that is served', async () => {
  expect((await post(BEACON)).status).toBe(204);
  expect((await post(BEACON)).status).toBe(429); // at once
  expect((await post({ ...BEACON, viewerId: 'fedcba9876543210', stalls: 5, glassMs: null })).status).toBe(204);
  expect((await post(BEACON, {}, 'nowhere')).status).toBe(404);
  const metrics = await scrape();
  expect(metrics.get('tidecast_player_stalls_total{stream="live"}')).toBe(7);
  expect(metrics.get('tidecast_player_beacons_refused_total{stream="live"}')).toBe(1);
  expect(metrics.get('tidecast_player_startup_seconds_count{stream="live"}')).toBe(2);
  expect(metrics.get('tidecast_player_glass_to_glass_seconds_sum{stream="live"}')).toBeCloseTo(0.64);
  expect([...metrics.keys()].filter((key) => key.includes('nowhere') || key.includes('0123'))).toEqual([]);
  expect(server.figures().qoe).toMatchObject({
    players: 2,
    startupMs: { median: 350 },
    glassMs: { worst: 640 },
    stalledPct: { median: 10 },
  });
});

test.each([
  ['no JSON', '{', {}, 400],
  ['another form', { ...BEACON, name: 'me' }, {}, 400],
  ['an endless visit', { ...BEACON, playedMs: 1e300 }, {}, 400],
  ['too much', 'x'.repeat(5_000), {}, 413],
  ['another site', BEACON, { origin: 'https://evil.example' }, 403],
])('a beacon of %s is refused', async (_, body, headers, status) => {
  expect((await post(body, headers)).status).toBe(status);
});

test('a stream that is served no more is in no label, and what its players told is not lost to the whole', async () => {
  expect((await post(BEACON)).status).toBe(204);
  expect([...(await scrape()).keys()].some((key) => key.includes('stream="live"'))).toBe(true);
  server.setStreams([]);
  expect([...(await scrape()).keys()].filter((key) => key.includes('stream="live"'))).toEqual([]);
  expect(server.figures()).toMatchObject({ stalls: 2, reconnects: 1, qoe: { players: 0 } });
});

test('with a token, metrics are for who shows it, from wherever', async () => {
  const options = { host: '127.0.0.1', rtmpPort: 0, httpPort: 0, streams: [{ name: 'live', key: KEY }], metricsToken: 'abacus' };
  const limits = { addressLimitsOnLoopback: true, wrongKeysPerMinute: 2 };
  const own = await createLiveServer(options, { viewerRoot: '/nowhere', onIdrWanted: null, limits });
  const statusFor = async (authorization?: string) =>
    (await fetch(`${own.httpUrl}/metrics`, { headers: { 'x-forwarded-for': '203.0.113.9', ...(authorization && { authorization }) } }))
      .status;
  try {
    expect([await statusFor(), await statusFor('Bearer abacus'), await statusFor('Basic abacus')]).toEqual([401, 200, 401]);
    expect([await statusFor('Bearer abacu'), await statusFor('Bearer x'), await statusFor('Bearer abacus')]).toEqual([401, 401, 401]); // guessed too often
  } finally {
    await own.close();
  }
});

test('behind a proxy, metrics are for this machine all the same', async () => {
  expect((await fetch(`${server.httpUrl}/metrics`, { headers: { 'x-forwarded-for': '203.0.113.9' } })).status).toBe(403);
});
