/** Where node-av does not load, the ffmpeg program does all of its work; where there is none either, the reason is told. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { analysePictures, probePackets } from '../support/broadcast-analysis.ts';
import { EncoderUnderTest, rendition } from '../support/encoder-harness.ts';
import { nextEvent, startHost } from '../support/engine-harness.ts';
import { HostFeeder } from '../support/host-feeder.ts';
import { withoutNodeAv } from '../support/no-node-av.ts';
import { FlvViewer, SMALL, sleep, smallProfile } from './engine-support.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

async function expectWhole(file: string, seconds: number): Promise<void> {
  const { ticks, distinctTicks, timesS } = await analysePictures(file, SMALL);
  expect(distinctTicks).toBeGreaterThan(seconds * 10); // of 30 that a quiet machine makes
  const seen = ticks.filter((tick) => tick !== null);
  expect(seen).toEqual(seen.toSorted((a, b) => a - b));
  const packets = await probePackets(file);
  const sound = packets.flatMap(({ kind, ptsS }) => (kind === 'audio' ? [ptsS] : []));
  for (const [n, time] of sound.slice(1).entries()) {
    expect(time - sound[n]!).toBeGreaterThan(0.02);
    expect(time - sound[n]!).toBeLessThan(0.023);
  }
  // sound lies over the pictures, from the beginning to the end
  expect(Math.abs(sound[0]! - timesS[0]!)).toBeLessThan(1);
  expect(Math.abs(sound.at(-1)! - timesS.at(-1)!)).toBeLessThan(1);
  // a picture is shown at its tick's time, or repeated after it
  const offsets = ticks.flatMap((tick, n) => (tick === null ? [] : [tick / 30 - timesS[n]!]));
  const own = offsets.filter((offset) => Math.max(...offsets) - offset < 0.02);
  expect(own.length).toBeGreaterThan(distinctTicks / 2);
}

test('a show goes live with pictures and sound, is recorded and has its thumbnail', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tidecast-no-node-av-'));
  cleanups.push(() => rmSync(folder, { recursive: true }));
  const host = await startHost({ env: withoutNodeAv() });
  cleanups.push(() => host.stop());
  await host.client.invoke('profile.save', smallProfile({ recording: { encode: 'own' } }));
  const feeder = await HostFeeder.attach(host);
  cleanups.push(() => feeder.close());
  const live = nextEvent(host.client, 'publishers.changed', ([first]) => first?.state.phase === 'live');
  await host.client.invoke('session.start');
  await live;
  await sleep(1_000);
  const file = join(folder, 'live.flv');
  const viewer = await FlvViewer.watch(host.client, file);
  await host.client.invoke('recording.start');
  await sleep(6_000);
  const recording = await host.client.invoke('recording.stop');
  await viewer.close();
  const jpeg = await host.client.invoke('recording.thumbnail', { id: recording.id });
  await host.client.invoke('session.stop');
  expect(host.log()).toMatch(/the ffmpeg program encodes: node-av cannot be loaded \(.*version `GLIBC_2.38' not found/);
  await expectWhole(file, 6);
  await expectWhole(recording.path, 5);
  expect([...(jpeg ?? []).slice(0, 2)]).toEqual([0xff, 0xd8]);
});

test('without an ffmpeg program either, what asks for an encode is told what to do', async () => {
  vi.stubEnv('NODE_OPTIONS', withoutNodeAv()['NODE_OPTIONS']);
  vi.stubEnv('TIDECAST_FFMPEG', '/nowhere/ffmpeg');
  await using encoder = await EncoderUnderTest.start();
  encoder.demand({ widthPx: 320, heightPx: 180, frameRate: 30 });
  encoder.open(rendition('main'));
  const failed = [
    await encoder.until('failed', ({ renditionId }) => renditionId === null),
    await encoder.until('failed', ({ renditionId }) => renditionId !== null),
  ];
  for (const { code, message } of failed) {
    expect(code).toBe('encoder.open-failed');
    expect(message).toMatch(/node-av cannot be loaded \(.+\)\. .+TIDECAST_FFMPEG has to name ffmpeg.+install Tidecast again/i);
  }
  await encoder.stop();
});

test('TIDECAST_VIDEO_BACK_END=without-node-av leaves it out where it would load', async () => {
  vi.stubEnv('TIDECAST_VIDEO_BACK_END', 'without-node-av');
  await using encoder = await EncoderUnderTest.start();
  encoder.demand({ widthPx: 320, heightPx: 180, frameRate: 30 });
  encoder.open(rendition('small', { widthPx: 160, heightPx: 90 }));
  const feeder = await encoder.feed({ widthPx: 320, heightPx: 180, frameRate: 30 });
  feeder.start();
  await encoder.untilPackets('small', 30);
  await feeder.close();
  await encoder.stop();
  expect(encoder.of('failed')).toEqual([]);
  expect(encoder.sound().length).toBeGreaterThan(30);
});
