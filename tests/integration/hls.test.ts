/** The live server as HLS, with a real publisher, read by FFmpeg and mediabunny and checked by the rules of RFC 8216bis. */
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ALL_FORMATS, EncodedPacketSink, FilePathSource, Input } from 'mediabunny';
import { afterAll, beforeAll, describe, expect, type TestContext, test } from 'vitest';
import { fetchText, HlsClient, request } from '../support/hls-client.ts';
import { KEY, Publishers, publishing, runTool, startServer, type TestServer, until } from './server-support.ts';

const publishers = new Publishers();
const directory = mkdtempSync(join(tmpdir(), 'tidecast-hls-'));
let clip: string;

beforeAll(async () => {
  clip = await publishers.clip({ seconds: 8, bFrames: 2 });
});
afterAll(async () => {
  await publishers.close();
  rmSync(directory, { recursive: true });
});

/** A server of a test's own, and what publishes to it. */
class Live {
  readonly server: TestServer;

  private constructor(server: TestServer) {
    this.server = server;
  }

  static async start({ onTestFinished }: TestContext, options: Parameters<typeof startServer>[0] = {}): Promise<Live> {
    const server = await startServer(options);
    onTestFinished(() => server.close());
    return new Live(server);
  }

  masterUrl(name = 'index.m3u8'): string {
    return `${this.server.httpUrl}/live/live/${name}`;
  }

  publish(file: string): ReturnType<Publishers['publish']> {
    return publishers.publish(file, `${this.server.rtmpUrl}/live?key=${KEY}`);
  }

  async onAir(): Promise<ReturnType<Publishers['publish']>> {
    const publisher = this.publish(clip);
    await until(() => publishing(this.server));
    await until(() => this.#gopCacheMs > 100);
    return publisher;
  }

  /** Since when the server knows how long GOPs are: its target duration is 2 s then, not 4. */
  async onAirForAWhile(): Promise<void> {
    await this.onAir();
    await until(() => this.#gopCacheMs > 900);
    await until(() => this.#gopCacheMs < 500);
  }

  get #gopCacheMs(): number {
    return this.server.stats()[0]?.gopCacheMs ?? 0;
  }
}

async function expectFilm(name: string, film: Buffer, seconds: number): Promise<void> {
  const file = join(directory, name);
  writeFileSync(file, film);
  const probe = await runTool('ffprobe', [
    '-v',
    'warning',
    '-show_entries',
    'packet=codec_type,pts_time,dts_time,flags',
    '-of',
    'json',
    file,
  ]);
  expect(probe.errors).toBe('');
  const { packets } = JSON.parse(probe.out) as { packets: { codec_type: string; pts_time: string; dts_time: string }[] };
  for (const kind of ['video', 'audio']) {
    const own = packets.filter(({ codec_type }) => codec_type === kind);
    const dts = own.map(({ dts_time }) => Number(dts_time));
    const steps = dts.slice(1).map((time, i) => time - (dts[i] as number));
    expect(Math.min(...steps), `${kind} steps`).toBeGreaterThan(0);
    expect(Math.max(...steps), `${kind} steps`).toBeLessThan(0.06); // nothing is missing
    expect((dts.at(-1) ?? 0) - (dts[0] ?? 0), kind).toBeGreaterThan(seconds);
    for (const { pts_time, dts_time } of own) expect(Number(pts_time)).toBeGreaterThanOrEqual(Number(dts_time));
  }
  const decode = await runTool('ffmpeg', ['-v', 'warning', '-xerror', '-i', file, '-f', 'null', '-']);
  expect(decode).toEqual({ code: 0, out: '', errors: '' });
  const input = new Input({ formats: ALL_FORMATS, source: new FilePathSource(file) });
  const [video, audio] = [await input.getPrimaryVideoTrack(), await input.getPrimaryAudioTrack()];
  expect([video?.codec, audio?.codec]).toEqual(['avc', 'aac']);
  let pictures = 0;
  for await (const _ of new EncodedPacketSink(video as NonNullable<typeof video>).packets()) pictures += 1;
  expect(pictures).toBe(packets.filter(({ codec_type }) => codec_type === 'video').length);
  input.dispose();
}

test.concurrent('LL-HLS: parts come as they are made, by the rules; their bytes are the segments’; the film is whole', async (context) => {
  const live = await Live.start(context);
  await live.onAir();
  const client = await HlsClient.open(live.masterUrl());
  const first = await client.reload();
  expect(first.partTargetS).toBe(0.336);
  const hint = client.load(first.hintUri ?? ''); // waits for it
  for (let updates = 0; updates < 20; updates += 1) await client.next({ delta: updates % 2 === 1 });
  expect(client.follower.complaints).toEqual([]);
  expect((await hint).length).toBeGreaterThan(100);
  const { segments } = client.follower.last;
  const whole = segments.filter(({ uri, parts }) => uri !== null && parts.length > 0);
  expect(whole.length).toBeGreaterThan(1);
  for (const { uri, parts } of whole) {
    const bytes = await Promise.all(parts.map((part) => client.load(part.uri)));
    expect(Buffer.concat(bytes).equals(await client.load(uri as string))).toBe(true);
  }
  await client.reload();
  await expectFilm('film.mp4', await client.film(), 5);
});

test.concurrent('MPEG-TS: segments by the rules, and the film is whole', async (context) => {
  const live = await Live.start(context);
  await live.onAirForAWhile();
  const client = await HlsClient.open(live.masterUrl('ts.m3u8'));
  await client.reload();
  for (let updates = 0; updates < 3; updates += 1) await client.next();
  expect(client.follower.complaints).toEqual([]);
  const film = await client.film();
  for (let at = 0; at < film.length; at += 188) expect(film[at]).toBe(0x47);
  await expectFilm('film.ts', film, 5);
});

test.concurrent.for(['index.m3u8', 'ts.m3u8'])('FFmpeg plays %s', async (name, context) => {
  const live = await Live.start(context);
  await live.onAirForAWhile();
  const play = await runTool('ffmpeg', ['-v', 'error', '-xerror', '-i', live.masterUrl(name), '-t', '1', '-f', 'null', '-']);
  expect(play).toEqual({ code: 0, out: '', errors: '' });
});

test.concurrent('the master playlist says what the show is', async (context) => {
  const live = await Live.start(context);
  await live.onAir();
  const text = await fetchText(live.masterUrl());
  expect(text).toMatch(/CODECS="avc1\.[0-9a-f]{6},mp4a\.40\.2",RESOLUTION=320x180,FRAME-RATE=30\.000/);
  const [, peak = 0, average = 0] = /BANDWIDTH=(\d+),AVERAGE-BANDWIDTH=(\d+)/.exec(text) ?? [];
  expect(Number(average)).toBeGreaterThan(400_000);
  expect(Number(peak)).toBeGreaterThan(Number(average));
  expect(Number(peak)).toBeLessThan(2_500_000);
});

test.concurrent('a publisher that dies and returns: the same playlist goes on behind a discontinuity', async (context) => {
  const live = await Live.start(context);
  const first = await live.onAir();
  const client = await HlsClient.open(live.masterUrl());
  await client.reload();
  first.child.kill('SIGKILL');
  await first.ended;
  await until(() => !publishing(live.server));
  const before = (await client.reload()).segments.length;
  await live.onAir();
  await until(async () => (await client.reload()).segments.length > before + 2);
  const { segments } = client.follower.last;
  expect(new Set(segments.map(({ discontinuity }) => discontinuity))).toEqual(new Set([0, 1]));
  expect(new Set(segments.map(({ mapUri }) => mapUri)).size).toBe(2);
  expect(client.follower.complaints).toEqual([]);
  await expectFilm('second.mp4', await client.film(1), 0.9);
});

describe.concurrent('HTTP', () => {
  test('a segment never changes: long caching, tag, ranges, HEAD; a playlist does', async (context) => {
    const live = await Live.start(context);
    await live.onAir();
    const client = await HlsClient.open(live.masterUrl());
    const { segments } = await client.reload();
    const url = new URL(segments[0]?.uri ?? '', client.playlistUrl).href;
    const whole = await request(url, { origin: 'http://localhost:5173' });
    expect(whole.headers).toMatchObject({
      'content-type': 'video/mp4',
      'cache-control': 'public, max-age=3600, immutable',
      'accept-ranges': 'bytes',
      'content-length': `${whole.body.length}`,
      'access-control-allow-origin': 'http://localhost:5173',
    });
    const { etag = '' } = whole.headers;
    expect((await request(url, { 'if-none-match': `"x", ${etag}` })).status).toBe(304);
    const head = await request(url, {}, 'HEAD');
    expect([head.status, head.body.length, head.headers['content-length']]).toEqual([200, 0, `${whole.body.length}`]);
    for (const [range, from, to] of [
      ['bytes=0-0', 0, 1],
      ['bytes=100-2999', 100, 3_000],
      ['bytes=-7', whole.body.length - 7, whole.body.length],
      ['bytes=50-', 50, whole.body.length],
    ] as const) {
      const part = await request(url, { range });
      expect([part.status, part.headers['content-range']]).toEqual([206, `bytes ${from}-${to - 1}/${whole.body.length}`]);
      expect(part.body.equals(whole.body.subarray(from, to))).toBe(true);
    }
    expect((await request(url, { range: 'bytes=99999999-' })).status).toBe(416);
    expect((await request(url, { range: 'bytes=0-1', 'if-range': '"other"' })).status).toBe(200);
    const playlist = await request(client.playlistUrl);
    expect(playlist.headers).toMatchObject({
      'content-type': 'application/vnd.apple.mpegurl',
      'cache-control': expect.stringMatching(/^public, max-age=[12]$/),
    });
    expect(playlist.headers.etag).toBeUndefined();
    expect((await request(live.masterUrl())).headers['cache-control']).toBe('no-store');
  });

  test('what breaks the rules, or is not there, is refused at once', async (context) => {
    const live = await Live.start(context);
    expect((await request(live.masterUrl())).status).toBe(404); // not on air
    await live.onAir();
    const client = await HlsClient.open(live.masterUrl());
    const { segments } = await client.reload();
    const msn = segments.at(-1)?.msn ?? 0;
    const status = async (path: string) => (await request(`${live.server.httpUrl}/live/${path}`)).status;
    expect(await status('live/source/fmp4.m3u8?_HLS_part=1')).toBe(400);
    expect(await status('live/source/fmp4.m3u8?_HLS_msn=x')).toBe(400);
    expect(await status(`live/source/fmp4.m3u8?_HLS_msn=${msn + 9}`)).toBe(400);
    expect(await status(`live/source/fmp4.m3u8?_HLS_msn=${msn + 1}&_HLS_part=60`)).toBe(400);
    expect(await status('live/source/fmp4.m3u8?_HLS_msn=1')).toBe(200); // long gone: the whole playlist (6.2.5.2)
    for (const path of [
      'live/source/1.m4s',
      'live/source/p1.m4s',
      'live/source/1.ts',
      'live/source/x',
      'live/other/fmp4.m3u8',
      'nobody/index.m3u8',
    ])
      expect(await status(path), path).toBe(404);
    const { hintUri } = await client.reload();
    const id = Number(/\d+/.exec(hintUri ?? '')?.[0]);
    expect(await status(`live/source/p${id + 1_000}.m4s`)).toBe(404); // nobody hinted at it
  });
});

describe.concurrent('limits', () => {
  test('who reads too slowly is let go, so that old segments do not stay for it', async (context) => {
    const live = await Live.start(context, { hlsResponseMs: 1_000 });
    const large = await publishers.clip({ bitrateKbps: 24_000, gopFrames: 60, seconds: 4 });
    live.publish(large);
    await until(() => publishing(live.server) && live.server.stats()[0]?.gopCacheMs !== 0);
    const client = await HlsClient.open(live.masterUrl());
    await client.reload();
    const { segments } = await client.next().then(() => client.reload());
    const url = new URL(segments.findLast(({ uri }) => uri !== null)?.uri ?? '', client.playlistUrl).href;
    const [response] = (await once(get(url), 'response')) as [IncomingMessage];
    response.pause();
    const cut = new Promise((resolve) => response.once('error', resolve)); // what has arrived is still to be read
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    response.resume();
    expect(await cut).toMatchObject({ code: 'ECONNRESET' });
    expect(Number(response.headers['content-length'])).toBeGreaterThan(4_000_000);
  });

  test('too many waiting requests: the next is refused at once', async (context) => {
    const live = await Live.start(context, { hlsWaitingMax: 2 });
    const { child } = await live.onAir();
    const client = await HlsClient.open(live.masterUrl());
    child.kill('SIGSTOP'); // nothing more comes
    await new Promise((resolve) => setTimeout(resolve, 500));
    const last = (await client.reload()).segments.at(-1);
    const url = `${client.playlistUrl}&_HLS_msn=${(last?.msn ?? 0) + 1}`;
    const waiting = [request(url), request(url)];
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect((await request(url)).status).toBe(503);
    live.server.setStreams([]); // the stream ends, and with it the waiting
    expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual([404, 404]);
  });
});

test.concurrent('who watches is counted, by token or by address and player, and is gone when it asks no more', async (context) => {
  const live = await Live.start(context, { hlsViewerGoneMs: 1_000, hlsIdleMs: 5_000 });
  await live.onAirForAWhile();
  const viewers = () => live.server.stats()[0]?.viewers;
  const clients = await Promise.all([
    HlsClient.open(live.masterUrl()),
    HlsClient.open(live.masterUrl()),
    HlsClient.open(live.masterUrl('ts.m3u8')),
  ]);
  expect(viewers()).toBe(0); // nobody has asked for media yet
  for (const client of clients) {
    await client.reload();
    await client.reload();
  }
  expect(viewers()).toBe(3);
  await fetchText(`${live.server.httpUrl}/live/live/source/fmp4.m3u8`);
  await fetchText(`${live.server.httpUrl}/live/live/source/fmp4.m3u8`);
  expect(viewers()).toBe(4);
  const [{ playlistUrl }] = clients as [HlsClient, HlsClient, HlsClient];
  await until(() => viewers() === 0);
  // made no more: the next request begins anew, behind the numbers of before
  const before = clients[0]?.follower.last.segments.at(-1)?.msn ?? 0;
  await new Promise((resolve) => setTimeout(resolve, 5_500));
  const again = await clients[0]?.reload();
  expect(again?.mediaSequence).toBeGreaterThan(before);
  expect(playlistUrl).toContain('viewer=');
});
