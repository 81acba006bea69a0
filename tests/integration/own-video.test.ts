/** A show in three shapes at once: each destination gets the video that it is set to have, and another one without a break. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { avcConfigSize } from '../../src-main/wire/codec-config.ts';
import type { Destination, OwnVideo } from '../../src-shared/domain/index.ts';
import { type Host, startHost } from '../support/engine-harness.ts';
import { RtmpReceiver } from '../support/rtmp-receiver.ts';
import { smallProfile } from './engine-support.ts';

const UPRIGHT: OwnVideo = { widthPx: 180, heightPx: 320, frameRate: 15, bitrateKbps: 300, encoder: 'libx264', fit: 'cover' };
const LARGE: OwnVideo = { ...UPRIGHT, widthPx: 640, heightPx: 360, frameRate: 60, fit: 'contain' };

let host: Host;
const receivers = { show: new RtmpReceiver(), upright: new RtmpReceiver(), large: new RtmpReceiver() };
type Name = keyof typeof receivers;

beforeEach(async () => {
  host = await startHost();
  await host.client.invoke('profile.save', smallProfile());
  const [rehearsal] = await host.client.invoke('destination.list');
  const { hasKey: _, ...plain } = rehearsal!;
  await host.client.invoke('destination.save', { destination: { ...plain, enabled: false } });
  for (const receiver of Object.values(receivers)) {
    receiver.sessions.length = 0;
    await receiver.listen();
  }
});
afterEach(async () => {
  expect(await host.stop()).toBe(0);
  for (const receiver of Object.values(receivers)) await receiver.kill();
});

async function save(name: Name, video: OwnVideo | null, enabled = true): Promise<void> {
  const destination = { id: name, name, kind: 'rtmp', url: receivers[name].url, enabled, video } as Destination;
  await host.client.invoke('destination.save', { destination, streamKey: 'key' });
}

const videos = (name: Name) => receivers[name].last?.received.flatMap((one) => (one.kind === 'video' ? [one] : [])) ?? [];
const pictures = (name: Name) => videos(name).filter(({ packet }) => packet === 'nalu');
const sizes = (name: Name) => videos(name).flatMap(({ packet, data }) => (packet === 'header' ? [avcConfigSize(data)] : []));
const until = (name: Name, count: number) => expect.poll(() => pictures(name).length, { timeout: 20_000 }).toBeGreaterThanOrEqual(count);
/** of what came last */
function intervalMs(name: Name): number {
  const times = pictures(name).slice(-11);
  return (times.at(-1)!.timestampMs - times[0]!.timestampMs) / (times.length - 1);
}
const encodes = async () => (await host.client.invoke('stats.get')).encoder.encodes.map(({ renditionId }) => renditionId);

test('three at once, and a change of one while the show runs', async () => {
  await save('show', null);
  await save('upright', UPRIGHT);
  await save('large', LARGE);
  await host.client.invoke('session.start');
  for (const name of ['show', 'upright', 'large'] as const) await until(name, 15);
  expect(sizes('show')[0]).toMatchObject({ widthPx: 320, heightPx: 180 });
  expect(sizes('upright')[0]).toMatchObject({ widthPx: 180, heightPx: 320 });
  expect(sizes('large')[0]).toMatchObject({ widthPx: 640, heightPx: 360 });
  expect(intervalMs('show')).toBeCloseTo(33.3, 0);
  expect(intervalMs('upright')).toBeCloseTo(66.7, 0);
  expect(intervalMs('large')).toBeCloseTo(16.7, 0);
  expect(await host.client.invoke('media.demand')).toEqual({ widthPx: 640, heightPx: 360, frameRate: 60 });
  const status = (await host.client.invoke('stats.get')).publishers.find(({ destinationId }) => destinationId === 'upright');
  expect(status?.rate).toMatchObject({ widthPx: 180, heightPx: 320, frameRate: 15, ceilingKbps: 300 });

  await save('upright', null);
  await expect.poll(() => sizes('upright').at(-1)?.widthPx, { timeout: 10_000 }).toBe(320);
  await until('upright', pictures('upright').length + 15);
  expect(intervalMs('upright')).toBeCloseTo(33.3, 0);
  expect(receivers.upright.sessions).toHaveLength(1); // on the same connection
  const times = pictures('upright').map(({ timestampMs }) => timestampMs);
  for (const [n, time] of times.slice(1).entries()) expect(time - times[n]!).toBeGreaterThan(0);
  await expect.poll(encodes, { timeout: 10_000 }).toHaveLength(2); // its encode is closed
  await host.client.invoke('session.stop');
});

test('where nobody gets the show’s own video it is not encoded, until somebody does', async () => {
  await save('upright', UPRIGHT);
  await host.client.invoke('session.start');
  await until('upright', 10);
  expect(await encodes()).toEqual(['180x320at15-libx264-300-cover']);
  await save('show', null);
  await until('show', 15);
  expect(sizes('show')[0]).toMatchObject({ widthPx: 320, heightPx: 180 });
  await expect.poll(encodes).toHaveLength(2);
  await save('large', LARGE); // more than the show began with
  await until('large', 30);
  expect(sizes('large')[0]).toMatchObject({ widthPx: 640, heightPx: 360 });
  expect(intervalMs('large')).toBeCloseTo(16.7, 0);
  const before = pictures('show').length;
  await until('show', before + 15);
  expect(receivers.show.sessions).toHaveLength(1);
  await host.client.invoke('session.stop');
});
