/** From pictures to viewer through the real processes: engine, encoder, live server; the feeder plays the page. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { FlvReader, parseVideoBody, TAG } from '../../src-main/wire/flv.ts';
import type { Destination } from '../../src-shared/domain/index.ts';
import { findPictureTimes, type PictureTimes } from '../../src-shared/picture-times.ts';
import { analysePictures, probePackets, run } from '../support/broadcast-analysis.ts';
import { EncoderUnderTest } from '../support/encoder-harness.ts';
import { type Host, nextEvent, servicePids, startHost } from '../support/engine-harness.ts';
import { HostFeeder } from '../support/host-feeder.ts';
import { RtmpReceiver } from '../support/rtmp-receiver.ts';
import { FlvViewer, publisherOf, SMALL, sleep, smallProfile } from './engine-support.ts';

let folder: string;
let host: Host;
let feeder: HostFeeder;

beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'tidecast-broadcast-'))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(async () => {
  host = await startHost();
  await host.client.invoke('profile.save', smallProfile({ recording: { encode: 'own' } }));
  feeder = await HostFeeder.attach(host);
});
afterEach(async () => {
  await feeder?.close();
  expect(await host?.stop()).toBe(0);
  expect(servicePids(host.pid, 'encoder')).toEqual([]);
  expect(servicePids(host.pid, 'server')).toEqual([]);
});

async function goLive(): Promise<void> {
  const live = nextEvent(host.client, 'publishers.changed', ([first]) => first?.state.phase === 'live');
  const state = await host.client.invoke('session.start');
  expect(state).toMatchObject({ phase: 'on-air', live: false });
  await live;
}

function expectRising(values: number[]): void {
  for (const [index, value] of values.slice(1).entries()) expect(value).toBeGreaterThan(values[index] as number);
}

test('a rehearsal reaches a viewer picture by picture, and is recorded beside it', async () => {
  await goLive();
  const file = join(folder, 'rehearsal.flv');
  await sleep(1_500);
  const viewer = await FlvViewer.watch(host.client, file);
  const recording = await host.client.invoke('recording.start');
  expect(recording).toMatchObject({ status: 'recording', ...SMALL });
  expect((await host.client.invoke('stats.get')).recorder).toMatchObject({ phase: 'recording', ownEncode: true });
  await sleep(6_000);
  const stopped = await host.client.invoke('recording.stop');
  expect((await host.client.invoke('stats.get')).session.phase).toBe('on-air'); // one goes on without the other
  await sleep(500);
  await viewer.close();
  await host.client.invoke('session.stop');
  expect((await host.client.invoke('stats.get')).session).toEqual({ phase: 'idle' });
  expect(await host.client.invoke('media.demand')).toBeNull();

  const pictures = await analysePictures(file, SMALL);
  const seen = pictures.ticks.filter((tick) => tick !== null);
  expect(pictures.distinctTicks).toBeGreaterThan(60);
  expectRising([...new Set(seen)]);
  const packets = await probePackets(file);
  for (const kind of ['video', 'audio']) expectRising(packets.filter((packet) => packet.kind === kind).map((packet) => packet.dtsS));
  expect(packets.filter(({ kind }) => kind === 'audio').length).toBeGreaterThan(100);

  expect(stopped).toMatchObject({ id: recording.id, status: 'complete', ...SMALL });
  expect(stopped.durationMs).toBeGreaterThan(5_000);
  expect((await analysePictures(stopped.path, SMALL)).distinctTicks).toBeGreaterThan(60);
  const [row] = await host.client.invoke('recording.list');
  expect(row).toMatchObject({ id: recording.id, hasThumbnail: true });
  const jpeg = await host.client.invoke('recording.thumbnail', { id: recording.id });
  expect([...(jpeg ?? []).slice(0, 2)]).toEqual([0xff, 0xd8]);
});

test('pictures carry their times to our own server, and to another one where the user allows it', async () => {
  const receiver = new RtmpReceiver();
  await receiver.listen();
  try {
    const other = { id: 'other', name: 'Other', kind: 'rtmp', url: receiver.url, enabled: true } as Destination;
    await host.client.invoke('destination.save', { destination: other, streamKey: 'key' });
    await host.client.invoke('session.start');
    const sent = () =>
      receiver.last?.received.flatMap((one) =>
        one.kind === 'video' && one.packet === 'nalu' ? [findPictureTimes(one.data, 'h264')] : [],
      ) ?? [];
    await expect.poll(() => sent().length, { timeout: 20_000 }).toBeGreaterThan(15);
    expect(sent().every((times) => times === null)).toBe(true);

    const { viewerUrl } = await host.client.invoke('studio.info');
    const response = await fetch(`${new URL(viewerUrl ?? '').origin}/live/rehearsal.flv`);
    const seen = await firstTimes(response);
    expect(seen.composeUs).toBeLessThanOrEqual(seen.encodeInUs);
    expect(seen.encodeInUs).toBeLessThan(seen.encodeOutUs);
    expect(seen.encodeOutUs).toBeLessThanOrEqual(seen.sendUs);
    expect(Math.abs(Date.now() - (seen.epochUnixUs + seen.sendUs) / 1_000)).toBeLessThan(15_000);

    await host.client.invoke('destination.save', { destination: { ...other, pictureTimes: true } });
    await expect.poll(() => sent().at(-1)?.composeUs, { timeout: 20_000 }).toBeGreaterThan(0);
    expect(receiver.sessions).toHaveLength(1); // on the same connection
    await host.client.invoke('session.stop');
  } finally {
    await receiver.kill();
  }
});

async function firstTimes(response: Response): Promise<PictureTimes> {
  const reader = new FlvReader();
  for await (const bytes of response.body ?? []) {
    for (const { type, data } of reader.feed(bytes)) {
      const body = type === TAG.video ? parseVideoBody(data) : null;
      const times = body?.packet === 'nalu' ? findPictureTimes(body.data, 'h264') : null;
      if (times) return times;
    }
  }
  throw new Error('the stream ended');
}

test('figures follow a picture from its capture to the socket', async () => {
  await goLive();
  await expect.poll(async () => (await host.client.invoke('stats.get')).latency.publishP50Ms, { timeout: 10_000 }).toBeGreaterThan(0);
  await sleep(1_000);
  const { latency, compositor } = await host.client.invoke('stats.get');
  expect(latency.packetP50Ms).toBeGreaterThan(0);
  expect(latency.packetP95Ms).toBeGreaterThanOrEqual(latency.packetP50Ms);
  expect(latency.totalP95Ms).toBeGreaterThan(latency.packetP50Ms);
  expect(latency.totalP95Ms).toBeLessThan(5_000); // of one clock: capture times are those of the engine
  expect(compositor).toBeNull(); // the feeder is no page
});

/** 2 s; on a machine that is kept busy by others, four times what a bare encoder process takes to start just now. */
async function gapLimitS(): Promise<number> {
  const beganMs = performance.now();
  await using encoder = await EncoderUnderTest.start();
  const startS = (performance.now() - beganMs) / 1_000;
  await encoder.stop();
  return Math.max(2, 4 * startS);
}

/** The longest step between two times. */
function longestGapS(times: number[]): number {
  return Math.max(...times.slice(1).map((time, index) => time - (times[index] as number)));
}

test('the encoder killed in mid-show: the same connections go on, with a gap under 2 s', async () => {
  await goLive();
  const before = await publisherOf(host.client, 'rehearsal');
  const recording = await host.client.invoke('recording.start');
  await sleep(2_000);
  const file = join(folder, 'killed.flv');
  const viewer = await FlvViewer.watch(host.client, file);
  await sleep(2_000);
  const [pid] = servicePids(host.pid, 'encoder');
  if (pid === undefined) throw new Error('no encoder');
  const reopened = nextEvent(host.client, 'media.reopen');
  process.kill(pid, 'SIGKILL');
  await reopened;
  const limitS = await gapLimitS();
  await sleep(5_000);
  const after = await publisherOf(host.client, 'rehearsal');
  await viewer.close();
  const stopped = await host.client.invoke('recording.stop');
  await host.client.invoke('session.stop');

  expect(after?.state).toEqual(before?.state); // live since the same instant, without a reconnect
  expect(viewer.endedByServer).toBe(false);
  expect((await host.client.invoke('stats.get')).encoder.restarts).toBe(1);
  expect((await host.client.invoke('activity.list')).filter(({ failure }) => failure?.code === 'encoder.crashed')).toHaveLength(1);
  expect(feeder.opened).toBe(2);

  const packets = (await probePackets(file)).filter(({ kind }) => kind === 'video');
  const times = packets.map(({ dtsS }) => dtsS);
  expectRising(times);
  expect(longestGapS(times)).toBeLessThan(limitS);
  const pictures = await analysePictures(file, SMALL);
  expectRising([...new Set(pictures.ticks.filter((tick) => tick !== null))]);

  expect(stopped).toMatchObject({ id: recording.id, status: 'complete' });
  expect(stopped.durationMs).toBeGreaterThan(8_000);
  await run('ffmpeg', ['-v', 'error', '-xerror', '-i', stopped.path, '-f', 'null', '-']);
});

test('an encoder that hangs is replaced', async () => {
  await goLive();
  await sleep(1_000);
  const [pid] = servicePids(host.pid, 'encoder');
  if (pid === undefined) throw new Error('no encoder');
  const reopened = nextEvent(host.client, 'media.reopen', () => true, 20_000);
  process.kill(pid, 'SIGSTOP');
  await reopened;
  await expect
    .poll(async () => (await host.client.invoke('activity.list')).some(({ failure }) => failure?.code === 'encoder.hung'))
    .toBe(true);
  const framesBefore = (await publisherOf(host.client, 'rehearsal'))?.stats.framesSent ?? 0;
  await expect
    .poll(async () => (await publisherOf(host.client, 'rehearsal'))?.stats.framesSent, { timeout: 10_000 })
    .toBeGreaterThan(framesBefore + 30);
  await host.client.invoke('session.stop');
});

test('a recording works without being live, and goes on when a show begins and ends', async () => {
  const recording = await host.client.invoke('recording.start');
  await sleep(2_000);
  await goLive();
  await sleep(2_000);
  await host.client.invoke('session.stop');
  await sleep(1_000);
  expect((await host.client.invoke('stats.get')).recorder).toMatchObject({ phase: 'recording', recordingId: recording.id });
  await expect(host.client.invoke('recording.start')).rejects.toMatchObject({ code: 'record.already-recording' });
  await expect(host.client.invoke('recording.remove', { id: recording.id, deleteFile: true })).rejects.toMatchObject({
    code: 'record.already-recording',
  });
  const { durationMs, path } = await host.client.invoke('recording.stop');
  const times = (await probePackets(path)).filter(({ kind }) => kind === 'video').map(({ dtsS }) => dtsS);
  expectRising(times);
  expect(durationMs).toBeGreaterThan(4_500);
  expect(longestGapS(times)).toBeLessThan(2);
  await host.client.invoke('recording.remove', { id: recording.id, deleteFile: true });
  expect(await host.client.invoke('recording.list')).toEqual([]);
});

test('a recording that is to share the encode moves over when a show begins, without a break', async () => {
  await host.client.invoke('profile.save', smallProfile({ recording: { encode: 'shared' } }));
  await host.client.invoke('recording.start');
  expect((await host.client.invoke('stats.get')).recorder).toMatchObject({ phase: 'recording', ownEncode: true });
  await sleep(2_000);
  const moved = nextEvent(host.client, 'recorder.changed', (state) => state.phase === 'recording' && !state.ownEncode);
  await goLive();
  expect(await moved).toMatchObject({ reason: expect.stringContaining('shares') });
  await sleep(2_000);
  await host.client.invoke('session.stop');
  await sleep(1_000);
  const { path, durationMs } = await host.client.invoke('recording.stop');
  expect(durationMs).toBeGreaterThan(4_500);
  const times = (await probePackets(path)).filter(({ kind }) => kind === 'video').map(({ dtsS }) => dtsS);
  expectRising(times);
  expect(longestGapS(times)).toBeLessThan(2);
  const pictures = await analysePictures(path, SMALL);
  expectRising([...new Set(pictures.ticks.filter((tick) => tick !== null))]);
  await run('ffmpeg', ['-v', 'error', '-xerror', '-i', path, '-f', 'null', '-']);
});

test('without a page the show still runs: black and silence, until a page comes', async () => {
  await feeder.close();
  await goLive();
  await expect.poll(async () => (await publisherOf(host.client, 'rehearsal'))?.stats.framesSent, { timeout: 10_000 }).toBeGreaterThan(30);
  feeder = await HostFeeder.attach(host);
  await expect.poll(async () => (await host.client.invoke('stats.get')).encoder.framesNew, { timeout: 10_000 }).toBeGreaterThan(30);
  await expect(host.client.invoke('session.start')).rejects.toMatchObject({ code: 'session.already-live' });
  await host.client.invoke('session.stop');
});

test('the live server killed: it comes back at the same address, and the rehearsal reconnects', async () => {
  await goLive();
  const { viewerUrl } = await host.client.invoke('studio.info');
  const [pid] = servicePids(host.pid, 'server');
  if (pid === undefined) throw new Error('no live server');
  const told: (string | null)[] = [];
  const off = host.client.on('studio.changed', (info) => void told.push(info.viewerUrl));
  process.kill(pid, 'SIGKILL');
  await nextEvent(host.client, 'publishers.changed', ([first]) => first?.state.phase === 'live' && first.state.reconnects === 1, 20_000);
  off();
  expect(told).toEqual([null, viewerUrl]); // a page need not ask again
  expect((await host.client.invoke('studio.info')).viewerUrl).toBe(viewerUrl);
  await host.client.invoke('session.stop');
});
