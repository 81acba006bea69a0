/** A ladder over what publishers really send: HEVC, AV1 and VP9, and one publisher after the other, each with another picture. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { avcConfigSize } from '../../src-main/wire/codec-config.ts';
import { parseVideoBody } from '../../src-main/wire/flv.ts';
import { FlvViewer, KEY, Publishers, publishing, runTool, startServer, type TestServer, until } from '../integration/server-support.ts';
import { publishWithFfmpeg8 } from '../support/ffmpeg8-receiver.ts';
import { repoRoot, requireTool } from '../support/find-tools.ts';
import { HlsClient } from '../support/hls-client.ts';

const CODERS = {
  hevc: ['libx265', '-preset', 'ultrafast', '-x265-params', 'log-level=none:pools=none:scenecut=0:open-gop=0'],
  av1: ['libsvtav1', '-preset', '12', '-svtav1-params', 'lp=1:scd=0'],
  vp9: ['libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8'],
};
type Codec = keyof typeof CODERS;
const folder = mkdtempSync(join(tmpdir(), 'tidecast-ladder-'));
let server: TestServer;
let publishers: Publishers;
let browser: Browser;
const open: { dispose(): Promise<void> }[] = [];

beforeAll(async () => {
  browser = await chromium.launch({
    executablePath: requireTool('chromium'),
    args: ['--no-sandbox', '--disable-gpu', '--autoplay-policy=no-user-gesture-required'],
  });
});
beforeEach(async () => {
  publishers = new Publishers();
  const ladder = { settings: { rungs: 'auto' as const, encoders: ['h264_nvenc' as const] }, cores: 8 };
  server = await startServer({}, { ladder, viewerRoot: join(repoRoot, 'out/viewer') });
});
afterEach(async () => {
  await publishers.close();
  await Promise.all(open.splice(0).map((one) => one.dispose()));
  await server.close();
});
afterAll(async () => {
  await browser.close();
  rmSync(folder, { recursive: true });
});

async function makeFile(codec: Codec, size: string): Promise<string> {
  const file = join(folder, `${codec}-${size}.mkv`);
  const sources = ['-f', 'lavfi', '-i', `testsrc2=s=${size}:r=30`, '-f', 'lavfi', '-i', 'sine=r=48000', '-t', '25'];
  const coded = ['-pix_fmt', 'yuv420p', '-b:v', '500k', '-g', '60', '-c:a', 'aac', '-ac', '2'];
  const { code, errors } = await runTool('ffmpeg', ['-v', 'error', '-y', ...sources, '-c:v', ...CODERS[codec], ...coded, file]);
  if (code !== 0) throw new Error(errors);
  return file;
}

const address = () => `${server.rtmpUrl}/live?key=${KEY}`;
const rungUrl = (rung: string) => `${server.httpUrl}/live/live/${rung}.flv`;
const onAir = () => until(() => publishing(server) && (server.stats()[0]?.gopCacheMs ?? 0) > 100);
/** of each header, in their order */
const sizes = (viewer: FlvViewer) =>
  viewer.tags.flatMap(({ kind, header, data }) => {
    const size = kind === 'video' && header ? avcConfigSize(parseVideoBody(data).data) : null;
    return size ? [`${size.widthPx}x${size.heightPx}`] : [];
  });

test.each<Codec>(['hevc', 'av1', 'vp9'])(
  'of %s there is H.264 of the same size, which FFmpeg decodes and the page plays by itself',
  async (codec) => {
    open.push(publishWithFfmpeg8(await makeFile(codec, '320x180'), address()));
    await onAir();
    const viewer = await FlvViewer.open(rungUrl('180p'));
    await until(() => viewer.videos.length > 45);
    expect(new Set(sizes(viewer))).toEqual(new Set(['320x180']));
    expect(viewer.videos[0]?.key).toBe(true);
    viewer.close();
    const decoded = await runTool('ffmpeg', ['-v', 'error', '-i', rungUrl('180p'), '-t', '2', '-f', 'null', '-']);
    expect(decoded).toMatchObject({ code: 0, errors: '' });

    const page = await browser.newPage();
    await page.goto(`${server.httpUrl}/watch/live`);
    await expect
      .poll(() => page.$eval('video', ({ videoHeight, currentTime }) => `${videoHeight} ${currentTime > 2}`), { timeout: 30_000 })
      .toBe('180 true');
    await page.close();
  },
);

/** Follows a playlist until it is told to stop, also through times without a publisher. */
function follow(client: HlsClient): () => Promise<void> {
  let ends = false;
  const ended = (async () => {
    while (!ends) await client.next().catch(() => new Promise((resolve) => setTimeout(resolve, 300)));
  })();
  return async () => {
    ends = true;
    await ended;
  };
}

test('publishers come and go, with another size and another codec: who watches a rung goes on, and its times rise', async () => {
  const clip = await publishers.clip({ size: '640x360', bitrateKbps: 1_000 });
  const larger = await publishers.clip({ size: '1280x720', bitrateKbps: 1_500, bFrames: 2 });
  const hevc = await makeFile('hevc', '576x288');
  let { child, ended } = publishers.publish(clip, address());
  await onAir();
  const viewer = await FlvViewer.open(rungUrl('240p'));
  await until(() => viewer.videos.length > 60);
  const client = await HlsClient.open(`${server.httpUrl}/live/live/index.m3u8`, 1);
  await client.reload();
  const stop = follow(client);

  const next = async (publish: () => void) => {
    await new Promise((resolve) => setTimeout(resolve, 4_000));
    child.kill('SIGKILL');
    await ended;
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    const before = viewer.videos.length;
    const atMs = performance.now();
    publish();
    await until(() => viewer.videos.length > before);
    console.log(`hand-over: the rung's next picture ${Math.round(performance.now() - atMs)} ms after the publisher was started`);
    expect(viewer.videos[before]?.key).toBe(true);
    await until(() => viewer.videos.length > before + 60);
  };
  const again = (file: string) => () => void ({ child, ended } = publishers.publish(file, address()));
  await next(again(clip)); // the same comes back
  await next(again(larger));
  await next(() => void open.push(publishWithFfmpeg8(hevc, address())));
  await new Promise((resolve) => setTimeout(resolve, 4_000));
  await stop();

  expect(viewer.ended).toBe(false);
  const times = viewer.videos.map(({ timestampMs }) => timestampMs);
  expect(times.every((timeMs, i) => i === 0 || timeMs > (times[i - 1] as number))).toBe(true);
  expect(sizes(viewer).at(0)).toBe('426x240');
  expect(sizes(viewer).at(-1)).toBe('480x240');
  expect(client.follower.complaints).toEqual([]);
  const numbers = new Set([...client.follower.segments.values()].map(({ discontinuity }) => discontinuity));
  expect(numbers.size).toBe(4);
  viewer.close();
});
