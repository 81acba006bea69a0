/** A network rehearsal through the real processes: a made-up uplink before the embedded server, and nothing goes anywhere else. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { StudioStats } from '../../src-shared/domain/index.ts';
import { type Host, nextEvent, startHost } from '../support/engine-harness.ts';
import { HostFeeder } from '../support/host-feeder.ts';
import { noise } from '../support/noise.ts';
import { RtmpReceiver } from '../support/rtmp-receiver.ts';
import { publisherOf, SMALL, sleep, smallProfile } from './engine-support.ts';

let host: Host;
let feeder: HostFeeder;
const elsewhere = new RtmpReceiver();

beforeEach(async () => {
  host = await startHost();
  await elsewhere.listen();
  feeder = await HostFeeder.attach(host, { draw: noise(SMALL) });
});
afterEach(async () => {
  await feeder?.close();
  expect(await host?.stop()).toBe(0);
  await elsewhere.kill();
});

const isLive = (host: Host) =>
  nextEvent(host.client, 'publishers.changed', (all) => all.length > 0 && all.every(({ state }) => state.phase === 'live'));

async function saveOther(): Promise<void> {
  const destination = { id: 'other', name: 'Other', kind: 'rtmp' as const, url: elsewhere.url, enabled: true };
  await host.client.invoke('destination.save', { destination, streamKey: 'secret' });
}

test('the rate follows the link and comes back; the recording has its own; no other destination hears of it', async () => {
  await host.client.invoke(
    'profile.save',
    smallProfile({ video: { bitrateKbps: 5_000 }, recording: { encode: 'own', bitrateKbps: 1_000 } }),
  );
  await saveOther();
  const live = isLive(host);
  const state = await host.client.invoke('session.rehearse', { link: null });
  expect(state).toMatchObject({ phase: 'on-air', live: false });
  await live;
  await host.client.invoke('recording.start');
  expect((await host.client.invoke('stats.get')).link).toBeNull();
  await sleep(2_000);
  expect((await publisherOf(host.client, 'rehearsal'))?.rate).toMatchObject({ targetKbps: 5_000, reason: 'ceiling' });

  await host.client.invoke('rehearsal.link', { link: 'bufferbloat' }); // about 3 Mbps
  const seen: StudioStats[] = [];
  const until = async (holds: (stats: StudioStats) => boolean, timeout: number) =>
    expect
      .poll(
        async () => {
          const stats = await host.client.invoke('stats.get');
          seen.push(stats);
          return holds(stats);
        },
        { timeout, interval: 200 },
      )
      .toBe(true);
  await until(({ publishers: [first] }) => (first?.rate.targetKbps ?? 0) < 3_000, 10_000);
  expect(seen.at(-1)?.link).toMatchObject({ profile: 'bufferbloat' });
  await sleep(3_000);
  const { link, publishers } = await host.client.invoke('stats.get');
  expect(link?.capacityKbps).toBeGreaterThan(2_400);
  expect(link?.capacityKbps).toBeLessThan(3_600);
  expect(publishers).toHaveLength(1);
  expect(publishers[0]?.state.phase).toBe('live');
  expect(publishers[0]?.rate).toMatchObject({ ceilingKbps: 5_000, floorKbps: 300, renditionId: 'stream', ...SMALL });

  await host.client.invoke('rehearsal.link', { link: null });
  await until(({ publishers: [first] }) => (first?.rate.targetKbps ?? 0) >= 4_500, 30_000);
  expect(seen.at(-1)?.publishers[0]?.stats.evidence).toBe('report');
  const { recorder, encoder } = await host.client.invoke('stats.get');
  expect(recorder).toMatchObject({ phase: 'recording', ownEncode: true });
  expect(encoder.restarts).toBe(0);
  expect(elsewhere.sessions).toEqual([]);
  await host.client.invoke('recording.stop');
  await host.client.invoke('session.stop');
  expect((await host.client.invoke('stats.get')).link).toBeNull();
});

test('a rehearsal is one show like another, and its link changes only while it runs', async () => {
  await host.client.invoke('profile.save', smallProfile());
  await expect(host.client.invoke('rehearsal.link', { link: 'step' })).rejects.toMatchObject({ code: 'session.not-live' });
  const live = isLive(host);
  const rate = { mode: 'follow' as const, floorKbps: 200, ceilingKbps: 450, allowSizeChange: true };
  await host.client.invoke('session.rehearse', { link: 'step', rate });
  await expect(host.client.invoke('session.start')).rejects.toMatchObject({ code: 'session.already-live' });
  await live;
  await saveOther(); // while the rehearsal runs it stays alone
  await sleep(300);
  expect((await host.client.invoke('stats.get')).publishers.map(({ destinationId }) => destinationId)).toEqual(['rehearsal']);
  expect((await host.client.invoke('stats.get')).link).toMatchObject({ profile: 'step' });
  expect((await publisherOf(host.client, 'rehearsal'))?.rate).toMatchObject({ floorKbps: 200, ceilingKbps: 450 });
  await host.client.invoke('session.stop');

  const again = isLive(host);
  await host.client.invoke('session.start');
  await again;
  expect((await host.client.invoke('stats.get')).publishers).toHaveLength(2);
  const { video } = smallProfile(); // what was tried has gone with the rehearsal
  expect((await publisherOf(host.client, 'rehearsal'))?.rate).toMatchObject({ floorKbps: 300, ceilingKbps: video.bitrateKbps });
  await expect(host.client.invoke('rehearsal.link', { link: 'step' })).rejects.toMatchObject({ code: 'session.not-live' });
  await host.client.invoke('session.stop');
});

test('a still picture of a few kbps is no congestion, in a show and in a rehearsal', async () => {
  await feeder.close(); // black from here on
  const second = await startHost();
  const judge = async ({ client }: Host, start: () => Promise<unknown>) => {
    await client.invoke('profile.save', smallProfile());
    await start();
    await sleep(7_000); // several windows of the least size, 4 KiB, are waited for
    const [publisher] = (await client.invoke('stats.get')).publishers;
    expect(publisher).toMatchObject({
      state: { phase: 'live' },
      stats: { framesDropped: 0, evidence: 'report' },
      rate: { reason: 'ceiling' },
    });
    expect(publisher?.stats.bitrateKbps).toBeLessThan(100);
    expect(publisher?.stats.queueMs).toBeLessThan(500);
    await client.invoke('session.stop');
  };
  try {
    await Promise.all([
      judge(host, () => host.client.invoke('session.start')),
      judge(second, () => second.client.invoke('session.rehearse', { link: null })),
    ]);
  } finally {
    expect(await second.stop()).toBe(0);
  }
});
