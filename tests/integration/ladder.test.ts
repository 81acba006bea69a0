/** Other qualities of a show, made by a real process from a real publisher. */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { FromLadder, ToLadder } from '../../src-main/process/ladder-contract.ts';
import { NodeServiceHost, type Service, type ServiceHost, type ServiceName } from '../../src-main/process/service.ts';
import type { RungInfo } from '../../src-main/server/out/show-info.ts';
import { avcConfigSize } from '../../src-main/wire/codec-config.ts';
import { parseVideoBody } from '../../src-main/wire/flv.ts';
import { node24 } from '../support/find-tools.ts';
import { compareRung, openVariants } from '../support/rung-variants.ts';
import {
  type ClipOptions,
  FlvViewer,
  KEY,
  Publishers,
  publishing,
  RawRtmp,
  startServer,
  type TestServer,
  until,
} from './server-support.ts';

const publishers = new Publishers();
const directory = mkdtempSync(join(tmpdir(), 'tidecast-ladder-'));
let server: TestServer;
let services: CountedServices;

/** Remembers what it started. */
class CountedServices implements ServiceHost {
  readonly #host = new NodeServiceHost(node24);
  readonly started: Service<unknown, unknown>[] = [];
  readonly running = new Set<Service<unknown, unknown>>();
  /** what the encoders of the rungs came to */
  readonly encoders: string[] = [];

  start<Out, In>(name: ServiceName, options?: Parameters<ServiceHost['start']>[1]): Service<Out, In> {
    const env = { CUDA_VISIBLE_DEVICES: '-1' }; // no NVENC, whatever the machine
    const service = this.#host.start<Out, In>(name, { ...options, env });
    this.started.push(service as Service<unknown, unknown>);
    this.running.add(service as Service<unknown, unknown>);
    (service as Service<unknown, unknown> as Service<ToLadder, FromLadder>).onMessage((message) => {
      if (message.type === 'header' || message.type === 'encoder-failed') this.encoders.push(`${message.type}: ${message.encoder}`);
    });
    service.onExit(() => this.running.delete(service as Service<unknown, unknown>));
    return service;
  }
}

beforeEach(async () => {
  services = new CountedServices();
  const settings = { rungs: 'auto' as const, encoders: ['h264_nvenc' as const, 'libx264' as const] };
  const never = Number.POSITIVE_INFINITY;
  // a busy machine is no matter of these tests: nothing gives way to others, or up
  const patience = { ladderNiceness: 0, ladderBehindMs: never, ladderHangMs: 20_000 };
  const limits = { ladderIdleMs: 3_000, keyframeRequestsMax: 100, ladderSpareAfterMs: never, ...patience };
  server = await startServer(limits, { ladder: { settings, services, cores: 8 } });
});
afterEach(async () => {
  await server.close();
  // no process outlives the server
  expect(services.running.size).toBe(0);
});
afterAll(async () => {
  await publishers.close();
  rmSync(directory, { recursive: true });
});

async function onAir(clipOptions: ClipOptions = {}): Promise<void> {
  const clip = await publishers.clip({ size: '640x360', bitrateKbps: 1_000, ...clipOptions });
  publishers.publish(clip, `${server.rtmpUrl}/live?key=${KEY}`);
  await until(() => publishing(server));
  await until(() => (server.stats()[0]?.gopCacheMs ?? 0) > 100);
}

const show = async () => (await (await fetch(`${server.httpUrl}/api/streams/live`)).json()) as { viewers: number; rungs: RungInfo[] };
const rungUrl = (rung: string) => `${server.httpUrl}/live/live/${rung}.flv`;
const sizeOf = (viewer: FlvViewer) => {
  const header = viewer.tags.find((tag) => tag.kind === 'video' && tag.header);
  return header && avcConfigSize(parseVideoBody(header.data).data);
};

/** A second viewer of the rung, while another one watches; and one of a rung that there is not. */
async function overWebSocket(): Promise<void> {
  const unknown = new WebSocket(rungUrl('999p').replace('http:', 'ws:'));
  const [refusal] = (await once(unknown, 'error')) as [Error];
  expect(refusal.message).toContain('404');
  const socket = new WebSocket(rungUrl('240p').replace('http:', 'ws:'));
  await once(socket, 'message');
  expect((await show()).rungs[1]).toMatchObject({ viewers: 2 });
  socket.close();
  await once(socket, 'close');
}

test('a rung is offered, made from the first viewer on, and made no more a while after the last one left', async () => {
  await onAir({ seconds: 20 }); // where the clip begins anew its times leave the grid
  expect((await show()).rungs.map(({ name, widthPx, heightPx, running }) => `${name} ${widthPx}x${heightPx} ${running}`)).toEqual([
    'source 640x360 true',
    '240p 426x240 false',
  ]);
  expect(services.started).toHaveLength(0);
  const askedAtMs = performance.now();
  const viewer = await FlvViewer.open(rungUrl('240p'));
  await until(() => viewer.videos.length > 0);
  const firstMs = Math.round(performance.now() - askedAtMs);
  console.log(`ladder: the first picture of a rung ${firstMs} ms after it was asked for`);
  // within 2 s on a quiet machine: tests/accept/ladder-life.accept.ts
  expect(sizeOf(viewer)).toEqual({ widthPx: 426, heightPx: 240 });
  expect(viewer.videos[0]?.key).toBe(true);
  expect(services.encoders).toEqual(['encoder-failed: h264_nvenc', 'header: libx264']);
  await until(() => viewer.videos.length > 60);
  const info = (await show()).rungs[1];
  expect(info).toMatchObject({ running: true, viewers: 1, codecs: ['avc1.4d4015', 'mp4a.40.2'], flvPath: '/live/live/240p.flv' });
  expect((await show()).viewers).toBe(1);
  await overWebSocket();
  // at times of the source's pictures (a busy machine may leave some out), and sound as far as the pictures
  const times = viewer.videos.map(({ timestampMs }) => timestampMs);
  for (const timeMs of times) expect(Math.abs(timeMs - Math.round((timeMs * 3) / 100) * (100 / 3))).toBeLessThan(1.1);
  // in the order of their times, as the publisher interleaved them: a sound lasts 21 ms
  const lastSoundMs = viewer.frames.findLast(({ kind }) => kind === 'audio')?.timestampMs ?? 0;
  const picturesBehind = times.filter((timeMs) => timeMs > lastSoundMs + 25).length;
  expect(picturesBehind).toBeLessThanOrEqual(3);
  viewer.close();
  const [process] = services.started;
  const ended = new Promise((resolve) => process?.onExit(resolve));
  await ended;
  expect((await show()).rungs[1]).toMatchObject({ running: false, viewers: 0 });
});

test('a ladder that crashes is started again: its viewers stay, and go on behind what they had; the source’s notice nothing', async () => {
  await onAir({ bFrames: 2 });
  const [source, rung] = [await FlvViewer.open(`${server.httpUrl}/live/live.flv`), await FlvViewer.open(rungUrl('240p'))];
  await until(() => rung.videos.length > 30);
  services.started[0]?.kill('SIGKILL');
  await until(() => services.started.length === 2);
  const before = rung.videos.length;
  await until(() => rung.videos.length > before + 40);
  expect(rung.ended).toBe(false);
  const times = rung.videos.map(({ timestampMs }) => timestampMs);
  expect(times.every((timeMs, i) => i === 0 || timeMs > (times[i - 1] as number))).toBe(true);
  const seen = source.videos.map(({ timestampMs }) => timestampMs);
  for (const [i, timeMs] of seen.entries()) if (i > 0) expect(timeMs - (seen[i - 1] as number)).toBeLessThan(100);
  rung.close();
  source.close();
  services.started[1]?.kill('SIGSTOP'); // it hangs while the server ends
});

test('fifty requests at once for a rung are one IDR of the ladder’s own, and none of the publisher’s', async () => {
  await onAir({ gopFrames: 600, seconds: 20 }); // no IDR of its own meanwhile
  const ask = (query: string) => askForKeyframe(server, query);
  const rung = await FlvViewer.open(rungUrl('240p'));
  await until(() => rung.videos.length > 40);
  await new Promise((resolve) => setTimeout(resolve, 1_000)); // what joining asked for is over
  const [keysBefore, askedBefore] = [keyTimes(rung), server.idrWanted.length];
  const askedAtMs = performance.now();
  const answers = await Promise.all(Array.from({ length: 50 }, () => ask('?rung=240p')));
  expect(new Set(answers)).toEqual(new Set([202]));
  await until(() => keyTimes(rung).length > keysBefore.length);
  console.log(`ladder: an IDR ${Math.round(performance.now() - askedAtMs)} ms after fifty asked for it`);
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(keyTimes(rung).filter((timeMs) => !keysBefore.includes(timeMs))).toHaveLength(1);
  expect(server.idrWanted).toHaveLength(askedBefore);
  expect(await ask('?rung=999p')).toBe(404);
  rung.close();
});

test('the rungs are variants whose segments begin alike, at the same times', async () => {
  await onAir({ bFrames: 2 });
  const { source, rung } = await openVariants(`${server.httpUrl}/live/live/index.m3u8`, () => expect(services.started).toHaveLength(0));
  const { complaints, apartMs } = await compareRung(source, rung, { updates: 6, directory });
  expect(complaints).toEqual([]);
  expect(source.follower.last.reports).toMatchObject([{ uri: '../240p/fmp4.m3u8' }]);
  expect(rung.follower.last.reports).toMatchObject([{ uri: '../source/fmp4.m3u8' }]);
  expect(apartMs).toBeLessThan(1); // NaN, where one of them is missing, is not
});

test('fifty requests at once for the source are one to the publisher’s encoder, and one IDR', async () => {
  let [isWanted, isBusy] = [true, false];
  const own = await startServer({ keyframeRequestsMax: 100, idrWantedEveryMs: 2_000 }, { onIdrWanted: () => void (isWanted = true) });
  const publisher = new RawRtmp(own.rtmpPort);
  await publisher.shakeHands();
  publisher.command('connect', { app: 'live' });
  publisher.command('publish', null, [`live?key=${KEY}`, 'live'], 1);
  await until(() => publisher.codes.includes('NetStream.Publish.Start'));
  const beganAtMs = performance.now();
  /** makes an IDR when it is asked for one, as soon as it can, and no other */
  const encoder = setInterval(() => {
    const key = isWanted && !isBusy;
    if (key) isWanted = false;
    const payload = Uint8Array.of(key ? 0x17 : 0x27, 1, 0, 0, 0, 0, 0, 0, 1, key ? 0x65 : 0x41);
    publisher.send({ chunkStreamId: 6, type: 9, streamId: 1, timestampMs: Math.round(performance.now() - beganAtMs), payload });
  }, 40);
  try {
    const viewer = await FlvViewer.open(`${own.httpUrl}/live/live.flv`);
    await until(() => viewer.videos.length > 5);
    await new Promise((resolve) => setTimeout(resolve, 2_100)); // what joining asked for is over
    const [keysBefore, askedBefore] = [keyTimes(viewer).length, own.idrWanted.length];
    isBusy = true; // who asks after it came would want another
    const answers = await Promise.all(Array.from({ length: 50 }, () => askForKeyframe(own)));
    isBusy = false;
    const answeredAtMs = performance.now();
    expect(new Set(answers)).toEqual(new Set([202]));
    await until(() => keyTimes(viewer).length > keysBefore);
    expect(performance.now() - answeredAtMs).toBeLessThan(1_000);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect([keyTimes(viewer).length - keysBefore, own.idrWanted.length - askedBefore]).toEqual([1, 1]);
    viewer.close();
  } finally {
    clearInterval(encoder);
    publisher.socket.destroy();
    await own.close();
  }
});

/** @returns the status */
const askForKeyframe = async ({ httpUrl }: TestServer, query = '') =>
  (await fetch(`${httpUrl}/api/streams/live/keyframe${query}`, { method: 'POST' })).status;

/** of the viewer's IDRs */
const keyTimes = (viewer: FlvViewer) => viewer.videos.filter(({ key }) => key).map(({ timestampMs }) => timestampMs);
