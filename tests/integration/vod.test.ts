/** Shows that the server keeps: with a real publisher, read by FFmpeg and mediabunny and checked by the rules of RFC 8216bis. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, get, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ALL_FORMATS, EncodedPacketSink, FilePathSource, Input } from 'mediabunny';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { ShowInfo } from '../../src-main/server/out/vod/routes.ts';
import { ShowWriter } from '../../src-main/server/record/show-writer.ts';
import { node24, repoRoot } from '../support/find-tools.ts';
import { fetchText, HlsClient, request } from '../support/hls-client.ts';
import { FlvViewer, KEY, Publishers, publishing, runTool, startServer, type TestServer, until } from './server-support.ts';

const publishers = new Publishers();
const root = mkdtempSync(join(tmpdir(), 'tidecast-vod-'));
let folders = 0;
let clip: string;
let other: string;
let server: TestServer | null = null;

beforeAll(async () => {
  [clip, other] = await Promise.all([publishers.clip({ seconds: 8, bFrames: 2 }), publishers.clip({ size: '256x144' })]);
});
afterEach(async () => {
  await server?.close();
  server = null;
});
afterAll(async () => {
  await publishers.close();
  rmSync(root, { recursive: true });
});

const newFolder = () => {
  folders += 1;
  return join(root, `${folders}`);
};

const publish = (to: { rtmpUrl: string }, file = clip) => publishers.publish(file, `${to.rtmpUrl}/live?key=${KEY}`);

async function shows(httpUrl: string, key = ''): Promise<ShowInfo[]> {
  return (JSON.parse(await fetchText(`${httpUrl}/api/streams/live/shows${key}`)) as { shows: ShowInfo[] }).shows;
}

async function showOf(httpUrl: string, leastMs: number): Promise<ShowInfo> {
  await until(async () => ((await shows(httpUrl))[0]?.durationMs ?? 0) >= leastMs);
  return (await shows(httpUrl))[0] as ShowInfo;
}

/** Whole by ffprobe, FFmpeg's decoder and mediabunny. @returns its length */
async function expectPlayable(name: string, media: Buffer): Promise<number> {
  const file = join(root, name);
  writeFileSync(file, media);
  const probe = await runTool('ffprobe', ['-v', 'warning', '-show_entries', 'packet=codec_type,dts_time', '-of', 'json', file]);
  expect(probe.errors).toBe('');
  const { packets } = JSON.parse(probe.out) as { packets: { codec_type: string; dts_time: string }[] };
  const dts = packets.filter(({ codec_type }) => codec_type === 'video').map(({ dts_time }) => Number(dts_time));
  const steps = dts.slice(1).map((time, i) => time - (dts[i] as number));
  expect(dts[0]).toBeLessThan(0.1); // the show's own time, not the stream's
  expect(Math.min(...steps)).toBeGreaterThan(0);
  expect(Math.max(...steps)).toBeLessThan(0.1);
  expect(await runTool('ffmpeg', ['-v', 'warning', '-xerror', '-i', file, '-f', 'null', '-'])).toEqual({ code: 0, out: '', errors: '' });
  const input = new Input({ formats: ALL_FORMATS, source: new FilePathSource(file) });
  const track = await input.getPrimaryVideoTrack();
  let pictures = 0;
  for await (const _ of new EncodedPacketSink(track as NonNullable<typeof track>).packets()) pictures += 1;
  expect(pictures).toBe(dts.length);
  input.dispose();
  return (dts.at(-1) ?? 0) - (dts[0] ?? 0);
}

test('a show: an EVENT while it is on, across publishers and formats; then VOD, and files to download', async () => {
  const directory = newFolder();
  server = await startServer({}, { record: { directory } });
  const { httpUrl, httpPort } = server;
  const status = async (path: string, headers = {}) => (await request(`${httpUrl}${path}`, headers)).status;
  const first = publish(server);
  const show = await showOf(httpUrl, 1_900);
  expect(show).toMatchObject({ name: 'live', running: true, watchPath: `/watch/live/${show.id}` });
  const client = await HlsClient.open(`${httpUrl}${show.hlsPath}`, 0, true);
  expect(client.playlistUrl).toContain('/event.m3u8');
  const before = await client.reload();
  expect([before.type, before.ended]).toEqual(['EVENT', false]);
  expect(await status(`/vod/live/${show.id}/vod.m3u8`)).toBe(404); // not over

  const window = await HlsClient.open(`${httpUrl}/vod/live/latest/dvr.m3u8`, 0, true);
  const { type: windowType, segments: windowed } = await window.reload();
  const uris = before.segments.map(({ uri }) => uri);
  expect([windowType, windowed.slice(0, uris.length).map(({ uri }) => uri)]).toEqual([null, uris]); // shorter than the window
  expect(window.follower.complaints).toEqual([]);

  first.child.kill('SIGKILL');
  await first.ended;
  await until(() => server !== null && !publishing(server));
  const second = publish(server, other); // of another size
  await until(async () => (await client.reload()).segments.some(({ discontinuity }) => discontinuity === 1));
  second.child.kill('SIGKILL');
  await second.ended;
  await server.close(); // half a minute would do the same
  server = await startServer({}, { httpPort, record: { directory } });
  await until(async () => (await shows(httpUrl))[0]?.running === false);
  expect((await client.reload()).ended).toBe(true);
  expect(client.follower.complaints).toEqual([]);

  const vod = await HlsClient.open(`${httpUrl}/vod/live/latest/index.m3u8`, 0, true);
  expect(vod.playlistUrl).toContain(`/${show.id}/vod.m3u8`);
  const { type, segments } = await vod.reload();
  expect([type, vod.follower.complaints]).toEqual(['VOD', []]);
  expect(segments.map(({ msn }) => msn)).toEqual(segments.map((_, i) => i));
  expect(new Set(segments.map(({ mapUri }) => mapUri)).size).toBe(2);
  const film = await vod.film(0);
  const lengthS = await expectPlayable('film.mp4', film);
  expect(lengthS).toBeGreaterThan(1.8);
  const whole = await request(`${httpUrl}${show.mp4Path}`);
  expect(whole.body.equals(film)).toBe(true); // the first format's
  await expectPlayable('second.mp4', (await request(`${httpUrl}/vod/live/${show.id}/show-2.mp4`)).body);
  const play = await runTool('ffmpeg', ['-v', 'error', '-ss', '1', '-i', `${httpUrl}${show.hlsPath}`, '-t', '1', '-f', 'null', '-']);
  expect(play).toMatchObject({ code: 0, errors: '' });

  // HTTP, of the whole file and of a segment
  for (const path of [show.mp4Path, `/vod/live/${show.id}/1.m4s`]) {
    const url = `${httpUrl}${path}`;
    const all = await request(url);
    const { etag = '' } = all.headers;
    expect(all.headers).toMatchObject({ 'content-type': 'video/mp4', 'accept-ranges': 'bytes', 'cache-control': /^public, max-age=/ });
    expect((await request(url, { 'if-none-match': `W/${etag}` })).status).toBe(304);
    const head = await request(url, {}, 'HEAD');
    expect([head.status, head.body.length, head.headers['content-length'], head.headers.etag]).toEqual([
      200,
      0,
      `${all.body.length}`,
      etag,
    ]);
    const part = await request(url, { range: 'bytes=100-2999', 'if-range': etag });
    expect([part.status, part.headers['content-range']]).toEqual([206, `bytes 100-2999/${all.body.length}`]);
    expect(part.body.equals(all.body.subarray(100, 3_000))).toBe(true);
    expect((await request(url, { range: 'bytes=-5' })).body.equals(all.body.subarray(-5))).toBe(true);
    expect((await request(url, { range: 'bytes=999999999-' })).headers['content-range']).toBe(`bytes */${all.body.length}`);
    expect((await request(url, { range: 'bytes=0-1', 'if-range': '"old"' })).status).toBe(200);
  }
  expect((await request(vod.playlistUrl)).headers['cache-control']).toBe('public, max-age=3600');
  const { etag = '' } = (await request(vod.playlistUrl)).headers;
  expect(await status(`/vod/live/${show.id}/vod.m3u8`, { 'if-none-match': etag })).toBe(304);

  for (const path of [
    '/vod/live',
    `/vod/live/${show.id}`,
    `/vod/live/${show.id}/index.jsonl`,
    `/vod/live/${show.id}/1.mp4`,
    `/vod/live/${show.id}/99.m4s`,
    `/vod/live/${show.id}/i9.mp4`,
    `/vod/live/${show.id}/show-3.mp4`,
    `/vod/live/20260101-000000-000/index.m3u8`,
    `/vod/other/${show.id}/index.m3u8`,
    `/vod/live/../${show.id}/show.mp4`,
    `/vod/live/..%2f..%2fetc/passwd`,
    `/vod/live/${show.id}/..%2findex.jsonl`,
    `/vod/live/${show.id}/../../../etc/passwd`,
    `/vod/..%2f/${show.id}/show.mp4`,
  ])
    expect(await status(path), path).toBe(404);
  expect(await status(show.hlsPath, { origin: 'http://evil.example' })).toBe(403);
});

test('a server that is killed: what it had written plays, and the next one goes on with another show', async () => {
  const directory = newFolder();
  const args = [join(repoRoot, 'src-main/server/main.ts'), '--rtmp-port', '0', '--http-port', '0', '--stream', 'live', '--key', KEY];
  const child = spawn(node24, [...args, '--record', directory, '--ladder', 'off'], { stdio: ['ignore', 'pipe', 'inherit'] });
  let out = '';
  child.stdout.on('data', (data: Buffer) => (out += data));
  await until(() => out.includes('/live/live.flv'));
  const [, rtmpUrl = ''] = /(rtmp:\S+)/.exec(out) ?? [];
  const [, httpUrl = ''] = /watch at\s+(http:\/\/[^/]+)/.exec(out) ?? [];
  publish({ rtmpUrl });
  const told = await showOf(httpUrl, 1_900);
  child.kill('SIGKILL');
  await once(child, 'close');
  const name = `live-${told.id}`;
  // a segment may be there without its line
  const lines = readFileSync(join(directory, name, 'index.jsonl'), 'utf8')
    .split('\n')
    .slice(0, -1);
  const { at, bytes } = JSON.parse(lines.at(-1) ?? '') as { at: number; bytes: number };
  const whole = at + bytes;
  expect(statSync(join(directory, name, '1.mp4')).size).toBeGreaterThanOrEqual(whole);
  // what a power cut may leave besides: the begin of a segment, and of a line about it
  appendFileSync(join(directory, name, '1.mp4'), Buffer.alloc(5_000, 7));
  appendFileSync(join(directory, name, 'index.jsonl'), '{"type":"segment","at":');

  server = await startServer({}, { record: { directory } });
  await until(async () => (await shows(server?.httpUrl ?? '')).length === 1);
  const [show] = (await shows(server.httpUrl)) as [ShowInfo];
  expect(show).toMatchObject({ id: told.id, running: false });
  expect(show.durationMs).toBeGreaterThanOrEqual(told.durationMs);
  const film = await request(`${server.httpUrl}${show.mp4Path}`);
  expect(film.body.length).toBe(whole);
  expect(await expectPlayable('killed.mp4', film.body)).toBeGreaterThan(1.8);
  publish(server);
  await until(async () => (await shows(server?.httpUrl ?? '')).length === 2);
  expect((await shows(server.httpUrl)).map(({ running }) => running)).toEqual([true, false]);
});

test('a disk that is nearly full: viewers see nothing of it, and it is said', async () => {
  server = await startServer({ recordFreeBytesMin: Number.MAX_SAFE_INTEGER }, { record: { directory: root } });
  publish(server);
  await until(() => server?.incidents.length === 1);
  expect(server.incidents[0]).toMatchObject({ code: 'server.record-disk-full', message: expect.stringContaining('free some space') });
  const viewer = await FlvViewer.open(`${server.httpUrl}/live/live.flv`);
  await until(() => viewer.videos.length > 30);
  viewer.close();
  expect(await shows(server.httpUrl)).toEqual([]);
  const metrics = await fetchText(`${server.httpUrl}/metrics`);
  expect(metrics).toContain('tidecast_recording{stream="live"} 0');
  expect(metrics).toContain('tidecast_recording_failures_total{stream="live"} 1');
});

test('a private stream’s shows are private', async () => {
  server = await startServer({}, { record: { directory: newFolder() }, playKey: 'open' });
  const { httpUrl } = server;
  publish(server);
  await until(async () => (await shows(httpUrl, '?key=open')).length > 0);
  const [show] = (await shows(httpUrl, '?key=open')) as [ShowInfo];
  for (const path of ['/api/streams/live/shows', show.hlsPath, show.mp4Path, `/vod/live/${show.id}/0.m4s`])
    expect((await request(`${httpUrl}${path}`)).status, path).toBe(403);
  const client = await HlsClient.open(`${httpUrl}${show.hlsPath}?key=open`, 0, true);
  const { segments } = await client.reload();
  expect((await client.load(segments[0]?.uri ?? '')).length).toBeGreaterThan(1_000);
  expect((await request(new URL(segments[0]?.uri ?? '', client.playlistUrl).href)).headers['cache-control']).toContain('private');
  expect((await request(`${httpUrl}${show.mp4Path}?key=open`)).status).toBe(200);
});

/** Segments that no socket's buffers can hold. */
async function writeShow(directory: string): Promise<void> {
  const limits = { recordQueueBytes: Number.MAX_SAFE_INTEGER, recordFreeBytesMin: 0 };
  const writer = new ShowWriter({
    directory,
    stream: 'live',
    limits,
    onShow: () => {},
    onFailure: (failure) => expect.fail(failure.message),
  });
  writer.beginFile({ init: Buffer.alloc(500), codecs: ['avc1.64001f'], picture: { widthPx: 320, heightPx: 180 } });
  const pieces = [Buffer.alloc(24 * 1024 * 1024)];
  writer.write({ pieces, durationMs: 2_000, atMs: 1_790_000_000_000, pictures: 60, gap: false }, 2);
  await writer.close();
}

test('places: who leaves while a hook is asked has none; more readers than there may be get 503, until one leaves', async () => {
  const directory = newFolder();
  await writeShow(directory);
  const asked: ServerResponse[] = [];
  const hook = createServer((_, response) => void asked.push(response)).listen(0, '127.0.0.1');
  await once(hook, 'listening');
  const onPlay = `http://127.0.0.1:${(hook.address() as AddressInfo).port}/`;
  server = await startServer({ vodReadsMax: 2 }, { record: { directory }, onPlay });
  const { httpUrl } = server;
  const letIn = (count: number) => until(() => asked.length === count).then(() => void asked.splice(0).map((each) => each.end()));
  const open = (path: string) => get(`${httpUrl}/vod/live/20260921-141320-000/${path}`).on('error', () => {});
  const answer = async (path: string) => {
    const response = once(open(path), 'response');
    await letIn(1);
    return ((await response) as [IncomingMessage])[0];
  };
  const left = [open('show.mp4'), open('0.m4s'), open('event.m3u8')];
  await until(() => asked.length === left.length);
  await Promise.all(left.map((each) => new Promise((resolve) => each.on('close', resolve).destroy())));
  await letIn(left.length);

  const [first, second] = [await answer('show.mp4'), await answer('0.m4s')];
  expect([first.statusCode, second.statusCode]).toEqual([200, 200]);
  for (const path of ['show.mp4', 'vod.m3u8']) {
    const { statusCode, headers } = (await answer(path)).resume();
    expect([statusCode, headers['retry-after']], path).toEqual([503, '5']);
  }
  first.destroy();
  for (let again = 0; again < 3; again += 1) await until(async () => (await answer('vod.m3u8')).resume().statusCode === 200);
  second.destroy();
  hook.close();
  hook.closeAllConnections();
});
