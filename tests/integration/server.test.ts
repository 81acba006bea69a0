/** The live server with real publishers and players. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createPublisher } from '../../src-main/engine/publish/create-publisher.ts';
import { monotonicClock } from '../../src-main/process/clock.ts';
import { parseMetadata } from '../../src-main/wire/flv.ts';
import { DestinationId } from '../../src-shared/domain/index.ts';
import { findPeer } from '../support/find-tools.ts';
import { makeClip, playClip } from '../support/h264-feed.ts';
import { FlvViewer, KEY, Publishers, publishing, runTool, type SeenTag, startServer, type TestServer, until } from './server-support.ts';

/** a lost picture leaves two frame times; FFmpeg's loop has a seam of a few ms */
const LOST_FRAME_MS = 60;
const publishers = new Publishers();
let server: TestServer;
let viewers: FlvViewer[];

beforeEach(async () => {
  viewers = [];
  server = await startServer();
});
afterEach(async () => {
  for (const viewer of viewers) viewer.close();
  await server.close();
});
afterAll(() => publishers.close());

const publishUrl = () => `${server.rtmpUrl}/live?key=${KEY}`;
const flvUrl = () => `${server.httpUrl}/live/live.flv`;

async function watch(url = flvUrl()): Promise<FlvViewer> {
  const viewer = await FlvViewer.open(url);
  viewers.push(viewer);
  return viewer;
}

function expectRising(tags: SeenTag[]): void {
  for (const kind of ['video', 'audio'] as const) {
    const times = tags.filter((tag) => tag.kind === kind).map(({ timestampMs }) => timestampMs);
    expect(times.length).toBeGreaterThan(0);
    expect(times.every((timeMs, i) => i === 0 || timeMs > (times[i - 1] as number))).toBe(true);
  }
}

/** the longest step between pictures */
function longestGapMs(videos: SeenTag[]): number {
  return Math.max(...videos.slice(1).map(({ timestampMs }, i) => timestampMs - (videos[i] as SeenTag).timestampMs));
}

describe('HTTP-FLV', () => {
  test('a viewer who joins in mid-GOP gets metadata, headers, and the cached GOP from time 0', async () => {
    publishers.publish(await publishers.clip({ seconds: 8, gopFrames: 240 }), publishUrl());
    await until(() => (server.stats()[0]?.gopCacheMs ?? 0) > 1_500);
    const viewer = await watch();
    await until(() => viewer.videos.length > 60);
    expect(server.stats()[0]?.gopCacheMs).toBeGreaterThan(1_500); // no IDR came since: the picture is from the cache
    const [metadata, video, audio, first] = viewer.tags as [SeenTag, SeenTag, SeenTag, SeenTag];
    expect(parseMetadata(metadata.data)).toMatchObject({ width: 320, height: 180 });
    expect([video.kind, video.header, audio.kind, audio.header]).toEqual(['video', true, 'audio', true]);
    expect(first).toMatchObject({ kind: 'video', key: true, timestampMs: 0 });
    expect(longestGapMs(viewer.videos)).toBeLessThan(LOST_FRAME_MS);
    expectRising(viewer.frames);
    expect(server.idrWanted).toEqual(['live']);
  });

  test('a viewer who comes before the show waits for it', async () => {
    const viewer = await watch();
    publishers.publish(await publishers.clip(), publishUrl());
    await until(() => viewer.videos.length > 10);
    expect(viewer.videos[0]).toMatchObject({ key: true, timestampMs: 0 });
  });

  test('composition times of B-frames pass through', async () => {
    publishers.publish(await publishers.clip({ bFrames: 2 }), publishUrl());
    const viewer = await watch();
    await until(() => viewer.videos.length > 30);
    const shown = viewer.videos.map(({ timestampMs, compositionMs }) => timestampMs + compositionMs);
    expect(new Set(viewer.videos.map(({ compositionMs }) => compositionMs)).size).toBeGreaterThan(1);
    expect(new Set(shown).size).toBe(shown.length);
  });

  test('the server clock comes with the pictures for who asks for it', async () => {
    publishers.publish(await publishers.clip(), publishUrl());
    const viewer = await watch(`${flvUrl()}?time=1`);
    await until(() => viewer.videos.length > 40);
    const text = viewer.tags.filter(({ kind }) => kind === 'script').map(({ data }) => new TextDecoder('latin1').decode(data));
    expect(text.filter((tag) => tag.includes('onTidecastTime') && tag.includes('serverTimeMs')).length).toBeGreaterThan(1);
  });

  test('a publisher that dies and returns: the same connection goes on, with new headers, an IDR, and rising times', async () => {
    const file = await publishers.clip();
    const first = publishers.publish(file, publishUrl());
    const viewer = await watch();
    await until(() => viewer.videos.length > 20);
    first.child.kill('SIGKILL');
    await first.ended;
    await until(() => !publishing(server));
    const before = viewer.tags.length;
    publishers.publish(file, publishUrl());
    await until(() => viewer.tags.slice(before).filter(({ kind }) => kind === 'video').length > 20);
    const after = viewer.tags.slice(before);
    expect(after.slice(0, 4).map(({ kind, header, key }) => `${kind}${header ? ' header' : ''}${key ? ' key' : ''}`)).toEqual([
      'script',
      'video header',
      'audio header',
      'video key',
    ]);
    expectRising(viewer.frames);
    expect(longestGapMs(viewer.videos)).toBeLessThan(100); // the break itself is not in the timeline
    expect(viewer.ended).toBe(false);
  });

  test('a viewer who does not read loses pictures up to an IDR, as many as Prometheus is told; the others lose none', async () => {
    const { child, ended } = publishers.publish(await publishers.clip({ bitrateKbps: 24_000, gopFrames: 15, seconds: 3 }), publishUrl());
    const [slow, quick] = [await watch(), await watch()];
    await until(() => slow.videos.length > 5);
    slow.pause();
    const paused = slow.videos.length;
    // the sockets' own buffers take some seconds of it before our queue does
    await until(() => (quick.videos.at(-1)?.timestampMs ?? 0) > 9_000);
    slow.resume();
    await until(() => (slow.videos.at(-1)?.timestampMs ?? 0) > 9_000);
    const holes = slow.videos.filter(({ timestampMs }, i) => i > paused && timestampMs - (slow.videos[i - 1] as SeenTag).timestampMs > 100);
    expect(holes.length).toBeGreaterThan(0);
    expect(holes.every(({ key }) => key)).toBe(true);
    expectRising(slow.frames);
    expect(longestGapMs(quick.videos)).toBeLessThan(LOST_FRAME_MS);

    child.kill('SIGKILL');
    await ended;
    const [first] = slow.videos as [SeenTag];
    const same = quick.videos.find(({ data }) => Buffer.compare(data, first.data) === 0) as SeenTag;
    const apartMs = same.timestampMs - first.timestampMs;
    await until(() => !publishing(server) && slow.videos.at(-1)?.timestampMs === (quick.videos.at(-1)?.timestampMs ?? 0) - apartMs);
    const fromMs = (slow.videos[paused - 1] as SeenTag).timestampMs + apartMs;
    const seen = new Set(slow.frames.map(({ kind, timestampMs }) => `${kind} ${timestampMs + apartMs}`));
    const missed = quick.frames.filter(({ kind, timestampMs }) => timestampMs > fromMs && !seen.has(`${kind} ${timestampMs}`));
    const metrics = await (await fetch(`${server.httpUrl}/metrics`)).text();
    expect(metrics).toContain(`tidecast_dropped_frames_total{stream="live"} ${missed.length}\n`);
  });
});

test('our own publisher, with the key alone as the studio has it', async () => {
  const clock = monotonicClock();
  const clip = await makeClip({ bFrames: 2 });
  const phases: string[] = [];
  const publisher = createPublisher({
    target: { destinationId: DestinationId.parse('rehearsal'), url: server.rtmpUrl, backupUrl: null, streamKey: KEY },
    clock,
    requestIdr: () => {},
    onChange: ({ phase }) => phases.push(phase),
    log: () => {},
  });
  publisher.setHeader(clip.video);
  publisher.setHeader(clip.audio);
  publisher.start();
  const stop = playClip(clip, clock, (packet) => publisher.write(packet));
  const viewer = await watch();
  await until(() => viewer.videos.length > 40);
  expectRising(viewer.frames);
  expect(longestGapMs(viewer.videos)).toBeLessThan(LOST_FRAME_MS);
  stop();
  await publisher.stop();
  await until(() => !publishing(server));
  expect([...new Set(phases)]).toEqual(['connecting', 'live', 'stopping', 'stopped']);
  expect(viewer.ended).toBe(false);
});

describe('players', () => {
  const play = ['-v', 'error', '-xerror'];

  test.each([
    ['HTTP-FLV', flvUrl],
    ['RTMP', () => `${server.rtmpUrl}/live`],
  ])('ffprobe and ffmpeg play over %s', async (_name, url) => {
    publishers.publish(await publishers.clip({ bFrames: 2 }), publishUrl());
    await until(() => publishing(server));
    const probe = await runTool('ffprobe', [
      '-v',
      'error',
      '-show_entries',
      'stream=codec_name',
      '-of',
      'csv=p=0',
      '-analyzeduration',
      '1M',
      url(),
    ]);
    expect(probe.out.trim().split(/\s+/)).toEqual(['h264', 'aac']);
    const decode = await runTool('ffmpeg', [...play, '-i', url(), '-t', '2', '-f', 'null', '-']);
    expect(decode).toEqual({ code: 0, out: '', errors: '' });
  });

  test('rtmpdump plays', async () => {
    const rtmpdump = findPeer('rtmpdump');
    if (!rtmpdump) return console.log('rtmpdump is not installed: left out');
    publishers.publish(await publishers.clip(), publishUrl());
    await until(() => publishing(server));
    const directory = mkdtempSync(join(tmpdir(), 'tidecast-dump-'));
    const file = join(directory, 'dump.flv');
    const dump = spawn(rtmpdump, ['-q', '-v', '-r', `${server.rtmpUrl}/live`, '-o', file], { stdio: 'ignore' });
    await until(() => existsSync(file) && statSync(file).size > 200_000); // about 2.5 s at 600 kbps
    dump.kill('SIGINT');
    await once(dump, 'close');
    const probe = await runTool('ffprobe', [
      '-v',
      'error',
      '-count_packets',
      '-select_streams',
      'v',
      '-show_entries',
      'stream=nb_read_packets',
      '-of',
      'csv=p=0',
      file,
    ]);
    rmSync(directory, { recursive: true });
    expect(Number.parseInt(probe.out, 10)).toBeGreaterThan(30);
  });
});

describe('keys', () => {
  test('the key alone, where clients have one field for it, publishes its stream', async () => {
    publishers.publish(await publishers.clip(), `${server.rtmpUrl}/${KEY}`);
    await until(() => publishing(server));
  });

  test.each(['live?key=wrong', 'wrong', 'live'])('%s is refused with a reason', async (playPath) => {
    const { ended, errors } = publishers.publish(await publishers.clip(), `${server.rtmpUrl}/${playPath}`);
    expect(await ended).not.toBe(0);
    expect(errors()).toContain('The stream key is wrong');
    expect(publishing(server)).toBe(false);
  });

  test('another application is refused', async () => {
    const { ended } = publishers.publish(await publishers.clip(), publishUrl().replace('/live/', '/other/'));
    expect(await ended).not.toBe(0);
  });

  test('a second publisher is refused while the first one sends', async () => {
    const file = await publishers.clip();
    publishers.publish(file, publishUrl());
    const viewer = await watch();
    await until(() => viewer.videos.length > 10);
    const second = publishers.publish(file, publishUrl());
    expect(await second.ended).not.toBe(0);
    expect(second.errors()).toContain('Another encoder is publishing');
    const seen = viewer.videos.length;
    await until(() => viewer.videos.length > seen + 10);
    expect(longestGapMs(viewer.videos)).toBeLessThan(LOST_FRAME_MS);
  });

  test('a publisher that froze gives way to its successor', async () => {
    const file = await publishers.clip();
    const first = publishers.publish(file, publishUrl());
    const viewer = await watch();
    await until(() => viewer.videos.length > 10);
    first.child.kill('SIGSTOP');
    await new Promise((resolve) => setTimeout(resolve, 2_000)); // longer than takeOverAfterMs
    const seen = viewer.videos.length;
    publishers.publish(file, publishUrl());
    await until(() => viewer.videos.length > seen + 10);
    expectRising(viewer.frames);
  });

  test('a changed key ends the show that used the old one; a removed stream ends its viewers too', async () => {
    const first = publishers.publish(await publishers.clip(), publishUrl());
    const viewer = await watch();
    await until(() => viewer.videos.length > 10);
    server.setStreams([{ name: 'live', key: 'another' }]);
    await first.ended;
    expect(viewer.ended).toBe(false);
    server.setStreams([]);
    await until(() => viewer.ended);
  });
});
