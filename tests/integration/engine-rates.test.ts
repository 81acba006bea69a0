/** Several destinations on one encode through the real processes, behind links of their own. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LinkRelay } from '../../src-main/engine/link/link-relay.ts';
import type { Destination } from '../../src-shared/domain/index.ts';
import { type Host, nextEvent, startHost } from '../support/engine-harness.ts';
import { HostFeeder } from '../support/host-feeder.ts';
import { noise } from '../support/noise.ts';
import { RtmpReceiver } from '../support/rtmp-receiver.ts';
import { publisherOf, SMALL, sleep, smallProfile } from './engine-support.ts';

let host: Host;
let feeder: HostFeeder;
const receivers = [new RtmpReceiver(), new RtmpReceiver()] as const;

beforeEach(async () => {
  host = await startHost();
  for (const receiver of receivers) {
    receiver.sessions.length = 0;
    receiver.behaviour = { ackEveryBytes: 4_096 };
    await receiver.listen();
  }
  const [rehearsal] = await host.client.invoke('destination.list');
  const { hasKey: _, ...plain } = rehearsal!;
  await host.client.invoke('destination.save', { destination: { ...plain, enabled: false } });
  feeder = await HostFeeder.attach(host, { draw: noise(SMALL) });
});
afterEach(async () => {
  await feeder?.close();
  expect(await host?.stop()).toBe(0);
  for (const receiver of receivers) await receiver.kill();
});

const save = (id: string, url: string, more: Partial<Destination> = {}) =>
  host.client.invoke('destination.save', {
    destination: { id, name: id, kind: 'rtmp', url, enabled: true, ...more },
    streamKey: `key-of-${id}`,
  });

async function goLive(count: number): Promise<void> {
  const live = nextEvent(
    host.client,
    'publishers.changed',
    (all) => all.length === count && all.every(({ state }) => state.phase === 'live'),
  );
  await host.client.invoke('session.start');
  await live;
}

test('a destination at half the rate costs the other and the recording nothing', async () => {
  await host.client.invoke('profile.save', smallProfile({ video: { bitrateKbps: 1_200 }, recording: { encode: 'own' } }));
  const packetsPerS = 55; // 660 kbps
  const relay = await LinkRelay.open({
    upstream: () => ({ host: '127.0.0.1', port: receivers[1].port }),
    shape: {
      schedule: {
        opportunitiesBetween: (fromMs, toMs) => Math.floor((toMs * packetsPerS) / 1_000) - Math.floor((fromMs * packetsPerS) / 1_000),
      },
      bufferBytes: 16_000,
      delayMs: 10,
    },
    log: () => {},
  });
  await save('fast', receivers[0].url);
  await save('slow', `rtmp://127.0.0.1:${relay.port}/live`);
  await goLive(2);
  await host.client.invoke('recording.start');
  await sleep(14_000);
  const [fast, slow] = [await publisherOf(host.client, 'fast'), await publisherOf(host.client, 'slow')];
  expect(fast).toMatchObject({ state: { phase: 'live', reconnects: 0 }, stats: { framesDropped: 0 }, rate: { targetKbps: 1_200 } });
  expect(slow?.state).toMatchObject({ phase: 'live', reconnects: 0 });
  const own = slow?.rate.renditionId !== 'stream'; // as the machine has room
  // a try upwards may be under way
  if (own) await expect.poll(async () => (await publisherOf(host.client, 'slow'))?.rate.targetKbps).toBeLessThan(700);
  else expect(slow?.stats.framesDropped).toBeGreaterThan(0);
  const { recorder } = await host.client.invoke('stats.get');
  expect(recorder).toMatchObject({ phase: 'recording', ownEncode: true });
  await host.client.invoke('recording.stop');
  await host.client.invoke('session.stop');
  await relay.close();
  for (const receiver of receivers) {
    const times = receiver.last!.received.flatMap((one) => (one.kind === 'video' ? [one.timestampMs] : []));
    expect(times.length).toBeGreaterThan(30);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  }
});

test('limits are edited live without a new connection; the last destination stays, and one that goes is closed first', async () => {
  await host.client.invoke('profile.save', smallProfile({ video: { bitrateKbps: 1_200 } }));
  await save('one', receivers[0].url);
  await save('two', receivers[1].url);
  await goLive(2);
  const rate = { mode: 'follow' as const, floorKbps: 200, ceilingKbps: 500, allowSizeChange: false };
  await save('one', receivers[0].url, { rate, graceS: 10 });
  await expect.poll(async () => (await publisherOf(host.client, 'one'))?.rate.targetKbps).toBe(500);
  await expect.poll(async () => (await publisherOf(host.client, 'two'))?.rate.reason).toBe('shared');
  expect(receivers.map(({ sessions }) => sessions.length)).toEqual([1, 1]);

  await save('two', receivers[1].url, { enabled: false });
  await expect.poll(() => receivers[1].last?.ended).toBe(true);
  for (const refused of [
    () => save('one', receivers[0].url, { enabled: false }),
    () => host.client.invoke('destination.remove', { id: 'one' }),
  ])
    await expect(refused()).rejects.toMatchObject({ code: 'session.last-destination' });
  expect(await publisherOf(host.client, 'one')).toMatchObject({ state: { phase: 'live', reconnects: 0 } });
  expect((await host.client.invoke('destination.list')).find(({ id }) => id === 'one')).toMatchObject({ enabled: true, hasKey: true });
  await host.client.invoke('session.stop');
  await save('one', receivers[0].url, { enabled: false });
});

test('both ingests of a destination at once', async () => {
  await host.client.invoke('profile.save', smallProfile());
  await save('one', receivers[0].url, { backup: { url: receivers[1].url, mode: 'both' } });
  await goLive(2);
  const { publishers } = await host.client.invoke('stats.get');
  expect(publishers.map(({ destinationId, ingest }) => [destinationId, ingest])).toEqual([
    ['one', 'primary'],
    ['one', 'backup'],
  ]);
  for (const receiver of receivers) await expect.poll(() => receiver.last?.received.some(({ kind }) => kind === 'video')).toBe(true);
  await receivers[0].kill();
  await expect
    .poll(async () => (await host.client.invoke('stats.get')).publishers.map(({ state }) => state.phase))
    .not.toContain('stopped');
  const before = receivers[1].last!.received.length;
  await expect.poll(() => receivers[1].last!.received.length).toBeGreaterThan(before + 10);
  await host.client.invoke('session.stop');
});
