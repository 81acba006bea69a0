/** An encoder that is killed, hangs or fails in mid-show: to two servers and into a file, everybody goes on. */
import { afterEach, expect, test } from 'vitest';
import { Destination } from '../../src-shared/domain/index.ts';
import { probePackets, run } from '../support/broadcast-analysis.ts';
import { encoderFault, Slowness } from '../support/encoder-fault.ts';
import { type Host, nextEvent, servicePids, startHost } from '../support/engine-harness.ts';
import { HostFeeder } from '../support/host-feeder.ts';
import { OtherLoad } from '../support/other-load.ts';
import { RtmpReceiver } from '../support/rtmp-receiver.ts';
import { sleep, smallProfile } from './engine-support.ts';

/** Of all cores, by others. */
const BUSY_FROM = 0.1;

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

async function startShow(env: Record<string, string>, servers: number): Promise<{ host: Host; receivers: RtmpReceiver[] }> {
  const host = await startHost({ env });
  cleanups.push(() => host.stop());
  await host.client.invoke('profile.save', smallProfile({ recording: { encode: 'shared' } }));
  const receivers = Array.from({ length: servers }, () => new RtmpReceiver());
  for (const [index, receiver] of receivers.entries()) {
    await receiver.listen();
    cleanups.push(() => receiver.kill());
    const destination = Destination.parse({
      id: `server-${index}`,
      name: `Server ${index}`,
      kind: 'rtmp',
      url: receiver.url,
      enabled: true,
      rate: { allowSizeChange: true },
    });
    await host.client.invoke('destination.save', { destination, streamKey: 'show' });
  }
  const feeder = await HostFeeder.attach(host);
  cleanups.push(() => feeder.close());
  return { host, receivers };
}

/** When the pictures that it got are shown. */
function pictureTimes({ last }: RtmpReceiver): number[] {
  return (last?.received ?? []).flatMap((one) => (one.kind === 'video' && one.packet === 'nalu' ? [one.timestampMs] : []));
}

const steps = (times: number[]) => times.slice(1).map((time, index) => time - (times[index] as number));

/** An AAC frame lasts 21.3 ms, and FLV counts whole milliseconds. */
function expectUnbrokenSound(timesMs: number[]): void {
  for (const step of steps(timesMs)) {
    expect(step).toBeGreaterThan(0);
    expect(step).toBeLessThan(23);
  }
}

/** The spare one has come up, too. */
async function twoEncoders(host: Host): Promise<number> {
  await expect.poll(() => servicePids(host.pid, 'encoder').length, { timeout: 20_000 }).toBe(2);
  await sleep(1_500); // it loads its libraries
  return servicePids(host.pid, 'encoder')[0] as number;
}

test('killed, stopped and failing at a picture: the connections go on, the sound has no hole, the file plays', async () => {
  const { host, receivers } = await startShow(encoderFault('signal'), 2);
  await host.client.invoke('session.start');
  const recording = await host.client.invoke('recording.start');

  for (const signal of ['SIGKILL', 'SIGSTOP', 'SIGUSR2'] as const) {
    const pid = await twoEncoders(host);
    const replaced = nextEvent(host.client, 'media.reopen', () => true, 20_000);
    process.kill(pid, signal);
    await replaced;
  }
  await sleep(3_000);
  const { encoder, publishers } = await host.client.invoke('stats.get');
  await host.client.invoke('recording.stop');
  await host.client.invoke('session.stop');

  expect(encoder.restarts).toBe(3);
  for (const { state } of publishers) expect(state).toMatchObject({ phase: 'live', reconnects: 0 });
  for (const { sessions, last } of receivers) {
    expect(sessions).toHaveLength(1);
    const media =
      last?.received.flatMap((one) => (one.kind !== 'metadata' && (one.packet === 'nalu' || one.packet === 'frame') ? [one] : [])) ?? [];
    const timesOf = (kind: 'audio' | 'video') => media.flatMap((one) => (one.kind === kind ? [one.timestampMs] : []));
    expectUnbrokenSound(timesOf('audio'));
    for (const step of steps(timesOf('video'))) expect(step).toBeGreaterThan(0);
  }
  const failures = (await host.client.invoke('activity.list')).flatMap(({ subject, failure }) =>
    subject === 'Encoder' ? [failure?.code] : [],
  );
  expect(failures).toEqual(['encoder.crashed', 'encoder.hung', 'encoder.crashed']);

  await run('ffmpeg', ['-v', 'error', '-xerror', '-i', recording.path, '-f', 'null', '-']);
  const packets = await probePackets(recording.path);
  expectUnbrokenSound(packets.flatMap(({ kind, dtsS }) => (kind === 'audio' ? [dtsS * 1_000] : [])));
});

test('an encoder that is not there and one whose sessions are all taken: x264 takes their place, and the user is told', async () => {
  const { host, receivers } = await startShow(encoderFault('encoder:libx265'), 1);
  const profile = smallProfile({ video: { encoder: 'h264_nvenc', preset: 'medium' } });
  await host.client.invoke('profile.save', { ...profile, encoderFallback: ['libx265'] });
  await host.client.invoke('session.start');
  await expect.poll(() => receivers[0]?.last?.picturesMs.length ?? 0, { timeout: 20_000 }).toBeGreaterThan(30);
  const { encoder } = await host.client.invoke('stats.get');
  expect(encoder.encodes).toMatchObject([{ renditionId: 'stream', encoder: 'libx264', preset: 'superfast', insteadOf: 'h264_nvenc' }]);
  await expect
    .poll(async () => (await host.client.invoke('activity.list')).map(({ message }) => message))
    .toEqual(expect.arrayContaining(['h264_nvenc', 'libx265'].map((encoder) => expect.stringContaining(`${encoder} keeps failing`))));
  await host.client.invoke('session.stop');
});

test('an encoder that cannot keep up makes fewer pictures a second before it loses any, and says so', async () => {
  const slowness = new Slowness(320 * 180);
  cleanups.push(() => slowness.remove());
  const { host, receivers } = await startShow(slowness.env, 1);
  await host.client.invoke('session.start');
  await expect.poll(() => receivers[0]?.last?.picturesMs.length ?? 0, { timeout: 20_000 }).toBeGreaterThan(90); // what an encoder's first 2 s say is not judged
  const [before, load] = [pictureTimes(receivers[0]!).length, new OtherLoad()];
  slowness.set(40); // of 33 ms that a picture has
  await expect.poll(async () => (await host.client.invoke('stats.get')).encoder.relief, { timeout: 20_000 }).toBe('frame-rate');
  await expect
    .poll(async () => (await host.client.invoke('stats.get')).encoder.encodes, { timeout: 10_000 })
    .toMatchObject([{ renditionId: 'stream', frameRate: 15, widthPx: 320 }]);
  expect((await host.client.invoke('activity.list')).map(({ message }) => message)).toContainEqual(
    expect.stringContaining('Encoding cannot keep up'),
  );
  await sleep(1_000);
  const others = load.stop();
  await host.client.invoke('session.stop');
  // on a busy machine pictures are lost for want of time, whatever is given up
  if (others === null || others > BUSY_FROM) return;
  const stepsMs = steps(pictureTimes(receivers[0]!).slice(before));
  const slower = stepsMs.findLastIndex((step) => step < 60) + 1; // from here on 15 a second
  expect(slower).toBeGreaterThan(0);
  expect(slower).toBeLessThan(stepsMs.length);
  expect(stepsMs.slice(0, slower).filter((step) => step > 34)).toEqual([]);
  expect(stepsMs.slice(slower).filter((step) => step > 67)).toEqual([]);
});
