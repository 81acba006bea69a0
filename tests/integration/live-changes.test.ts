/**
 * What is changed in the settings while a show runs: other size, frame rate, bitrate, codec and sound, with a recording, to
 * servers of which some take HEVC. Nobody is disconnected, each gets new headers from an IDR on, and nothing stands still long.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { avcConfigSize } from '../../src-main/wire/codec-config.ts';
import type { Destination, Profile } from '../../src-shared/domain/index.ts';
import { probePackets, run } from '../support/broadcast-analysis.ts';
import { type Host, startHost } from '../support/engine-harness.ts';
import { HostFeeder } from '../support/host-feeder.ts';
import { hasNginxRtmp, startNginxRtmp, startNodeMediaServer } from '../support/rtmp-peers.ts';
import { type Received, RtmpReceiver } from '../support/rtmp-receiver.ts';
import { publisherOf, smallProfile } from './engine-support.ts';
import { decodeErrors } from './record-probe.ts';
import { KEY, startServer } from './server-support.ts';

const BEGINNING = { widthPx: 1280, heightPx: 720, frameRate: 30, bitrateKbps: 1_500 } as const;
const SMALLER = { widthPx: 854, heightPx: 480, frameRate: 25, bitrateKbps: 1_500 } as const;

/** Under 100 ms on a machine that is left alone; a second is what is promised, and the rest is for one that is not. */
const STILL_MAX_MS = 2_500;

let host: Host;
let folder: string;
const open: { dispose(): Promise<unknown> }[] = [];
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tidecast-live-'));
  host = await startHost({ dataDirectory: folder });
  const [rehearsal] = await host.client.invoke('destination.list');
  const { hasKey: _, ...plain } = rehearsal!;
  await host.client.invoke('destination.save', { destination: { ...plain, enabled: false } });
});
afterEach(async () => {
  for (const one of open.splice(0)) await one.dispose();
  expect(await host.stop()).toBe(0);
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

const save = (video: Partial<Profile['video']>, more: Partial<Profile> = {}) =>
  host.client.invoke('profile.save', { ...smallProfile({ video, recording: { encode: 'shared' } }), ...more });
const to = (id: string, { url, streamKey = 'key' }: { url: string; streamKey?: string }) =>
  host.client.invoke('destination.save', {
    destination: { id, name: id, kind: 'rtmp', url, enabled: true } as Destination,
    streamKey,
  });
const said = async (kind: string) => (await host.client.invoke('activity.list')).filter(({ event }) => event?.kind === kind);

type Picture = Extract<Received, { kind: 'video' | 'ex-video' }>;
const isPicture = (one: Received): one is Picture => one.kind === 'video' || one.kind === 'ex-video';
const timesOf = (items: readonly Received[]) => items.flatMap((one) => (isPicture(one) && one.packet === 'nalu' ? [one.timestampMs] : []));
const steps = (times: readonly number[]) => times.slice(1).map((time, i) => time - times[i]!);
const recordings = async () => (await host.client.invoke('recording.list')).map(({ path }) => path).reverse();

test('size, frame rate, bitrate and codec, there and back, on the same connections and into the recording', async () => {
  const server = await startServer();
  const peer = await (hasNginxRtmp() ? startNginxRtmp() : startNodeMediaServer());
  const receiver = new RtmpReceiver();
  receiver.behaviour = { announces: { videoFourCcInfoMap: { hvc1: 4 } } };
  await receiver.listen();
  open.push({ dispose: () => server.close() }, peer, { dispose: () => receiver.kill() });
  await save(BEGINNING);
  const feeder = await HostFeeder.attach(host);
  open.push({ dispose: () => feeder.close() });
  await to('ours', { url: server.rtmpUrl, streamKey: KEY });
  await to('plain', peer);
  await to('seen', { url: receiver.url });
  await host.client.invoke('session.start');
  await host.client.invoke('recording.start');
  const pictures = () => receiver.last?.received.filter(isPicture) ?? [];
  const headers = () => pictures().flatMap((one) => (one.packet === 'header' ? [one] : []));
  const untilMore = async (count = 30) => {
    const before = pictures().length;
    await expect.poll(() => pictures().length, { timeout: 20_000 }).toBeGreaterThanOrEqual(before + count);
  };
  await untilMore();
  expect(await host.client.invoke('media.demand')).toEqual({ widthPx: 1280, heightPx: 720, frameRate: 30 });

  await save(SMALLER);
  await expect.poll(() => headers().length, { timeout: 10_000 }).toBe(2);
  await untilMore();
  expect(avcConfigSize((headers()[1] as Picture & { data: Uint8Array }).data)).toMatchObject({ widthPx: 854, heightPx: 480 });
  expect(await host.client.invoke('media.demand')).toEqual({ widthPx: 854, heightPx: 480, frameRate: 25 });
  const slow = timesOf(pictures()).slice(-11);
  expect((slow.at(-1)! - slow[0]!) / 10).toBeCloseTo(40, 0);

  await save({ ...SMALLER, bitrateKbps: 900 });
  await expect.poll(async () => (await publisherOf(host.client, 'seen'))?.rate.targetKbps).toBe(900);
  await untilMore();
  expect(headers()).toHaveLength(2); // in place
  const [before] = await recordings();

  await save({ ...SMALLER, bitrateKbps: 900, codec: 'hevc', encoder: 'libx265' });
  await expect.poll(() => pictures().some(({ kind, packet }) => kind === 'ex-video' && packet === 'nalu'), { timeout: 20_000 }).toBe(true);
  await expect.poll(async () => (await publisherOf(host.client, 'plain'))?.codecFallback?.video, { timeout: 20_000 }).toBe(true);
  await untilMore();

  await save(BEGINNING);
  await expect.poll(() => headers().length, { timeout: 20_000 }).toBe(4);
  expect(avcConfigSize((headers()[3] as Picture & { data: Uint8Array }).data)).toMatchObject({ widthPx: 1280, heightPx: 720 });
  await untilMore();
  await expect.poll(async () => (await publisherOf(host.client, 'plain'))?.rate.renditionId, { timeout: 10_000 }).toBe('stream');
  expect(await publisherOf(host.client, 'plain')).not.toHaveProperty('codecFallback');

  for (const id of ['ours', 'plain', 'seen'])
    expect((await publisherOf(host.client, id))?.state, id).toMatchObject({ phase: 'live', reconnects: 0 });
  expect(receiver.sessions).toHaveLength(1);
  const kinds = new Set(headers().map(({ kind }) => kind));
  expect(kinds).toEqual(new Set(['video', 'ex-video']));
  const videoTimes = timesOf(pictures());
  expect(Math.min(...steps(videoTimes))).toBeGreaterThan(0);
  expect(Math.max(...steps(videoTimes))).toBeLessThan(STILL_MAX_MS);
  expect(Math.max(...steps(receiver.last!.picturesMs))).toBeLessThan(STILL_MAX_MS);
  const sound = receiver.last!.received.flatMap((one) => (one.kind === 'audio' && one.packet === 'frame' ? [one.timestampMs] : []));
  expect(Math.max(...steps(sound))).toBeLessThan(60); // 1,024 samples, without a hole
  expect(await said('settings-live')).toHaveLength(4);
  expect(await said('codec-fallback')).toMatchObject([{ subject: 'plain', event: { codec: 'hevc', destination: 'plain' } }]);

  await host.client.invoke('recording.stop');
  await host.client.invoke('session.stop');
  const files = await recordings();
  expect(files).toHaveLength(3); // H.264 in two sizes, HEVC, H.264
  expect(files[0]).toBe(before);
  for (const file of files) expect(decodeErrors(file), file).toBe('');
  const codecs = await Promise.all(
    files.map((file) =>
      run('ffprobe', ['-v', 'error', '-select_streams', 'v', '-show_entries', 'stream=codec_name', '-of', 'csv=p=0', file]),
    ),
  );
  expect(codecs.map((text) => text.toString().trim())).toEqual(['h264', 'hevc', 'h264']);
  const capture = await peer.capture();
  expect(decodeErrors(capture)).toBe('');
  const packets = (await probePackets(capture)).filter(({ kind }) => kind === 'video');
  expect(1_000 * Math.max(...steps(packets.map(({ dtsS }) => dtsS)))).toBeLessThan(STILL_MAX_MS);
}, 90_000);
