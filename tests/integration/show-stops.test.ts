/** A show ends within 2 s of the word, whatever the servers and the encoder do; what it was recording is whole. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Destination } from '../../src-shared/domain/index.ts';
import { probePackets } from '../support/broadcast-analysis.ts';
import { type Host, nextEvent, servicePids, startHost } from '../support/engine-harness.ts';
import { HostFeeder } from '../support/host-feeder.ts';
import { OtherLoad } from '../support/other-load.ts';
import { RtmpReceiver } from '../support/rtmp-receiver.ts';
import { publisherOf, sleep, smallProfile } from './engine-support.ts';

const STOP_MAX_MS = 2_000;
/** The engine itself takes up to 1.8 s: what the rest of a busy machine adds is not its doing. */
const STOP_MAX_BUSY_MS = 5_000;
/** Of all cores, by others. */
const BUSY_FROM = 0.1;

let host: Host;
let feeder: HostFeeder;
const stopped: number[] = [];
const receivers: RtmpReceiver[] = [];

beforeEach(async () => {
  host = await startHost();
  await host.client.invoke('profile.save', smallProfile({ recording: { encode: 'own' } }));
  feeder = await HostFeeder.attach(host);
});
afterEach(async () => {
  for (const pid of stopped.splice(0)) resume(pid);
  await feeder?.close();
  expect(await host?.stop()).toBe(0);
  for (const receiver of receivers.splice(0)) await receiver.kill();
});

function resume(pid: number): void {
  try {
    process.kill(pid, 'SIGCONT');
  } catch {
    // it has been replaced, as it should
  }
}

function hangEncoder(): number[] {
  const pids = servicePids(host.pid, 'encoder');
  expect(pids.length).toBeGreaterThan(0);
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
  stopped.push(...pids);
  return pids;
}

async function receiver(behaviour: RtmpReceiver['behaviour']): Promise<string> {
  const one = new RtmpReceiver();
  one.behaviour = behaviour;
  await one.listen();
  receivers.push(one);
  return one.url;
}

const save = (id: string, url: string) => {
  const destination = { id, name: id, kind: 'rtmp', url, enabled: true } as unknown as Destination;
  return host.client.invoke('destination.save', { destination, streamKey: `key-of-${id}` });
};

/** @returns whether it was in time, and how long it took where it was not */
async function stop(): Promise<'in time' | number> {
  const [load, startMs] = [new OtherLoad(), performance.now()];
  await host.client.invoke('session.stop');
  const tookMs = performance.now() - startMs;
  const isBusy = (load.stop() ?? 1) > BUSY_FROM;
  return tookMs < (isBusy ? STOP_MAX_BUSY_MS : STOP_MAX_MS) ? 'in time' : tookMs;
}

async function goLiveAgain(): Promise<void> {
  const live = nextEvent(host.client, 'publishers.changed', (all) =>
    all.some(({ destinationId, state }) => destinationId === 'rehearsal' && state.phase === 'live'),
  );
  await host.client.invoke('session.start');
  await live;
}

test('a server that reads nothing, one that never answers, one that is not there', async () => {
  await save('stalled', await receiver({ stopReading: true, ackEveryBytes: 4_096 }));
  await save('mute', await receiver({ silentAt: 'handshake' }));
  await save('hole', 'rtmp://192.0.2.1/live'); // RFC 5737: nobody's address
  await save('refused', 'rtmp://127.0.0.1:1/live');
  await goLiveAgain();
  await expect.poll(async () => (await publisherOf(host.client, 'stalled'))?.state.phase).toBe('live');
  await host.client.invoke('recording.start');
  await sleep(1_500);
  expect(await stop()).toBe('in time');
  const { session, publishers, recorder } = await host.client.invoke('stats.get');
  expect([session.phase, publishers, recorder.phase]).toEqual(['idle', [], 'recording']); // which goes on
  await goLiveAgain();
  expect(await stop()).toBe('in time');
  const { status, path, durationMs } = await host.client.invoke('recording.stop');
  expect(status).toBe('complete');
  const pictures = (await probePackets(path)).filter(({ kind }) => kind === 'video');
  expect(pictures.length).toBeGreaterThan((durationMs / 1_000) * 10); // of 30 that a machine makes which has time
  expect(Math.abs(pictures.at(-1)!.ptsS - durationMs / 1_000)).toBeLessThan(0.5); // to its end
});

test('an encoder that hangs: off the air in time, with another for the next show, and a file that is whole', async () => {
  await save('stalled', await receiver({ stopReading: true, ackEveryBytes: 4_096 }));
  await goLiveAgain();
  const hung = hangEncoder();
  expect(await stop()).toBe('in time');
  expect((await host.client.invoke('stats.get')).session.phase).toBe('idle');
  await goLiveAgain();
  expect(servicePids(host.pid, 'encoder')).not.toEqual(hung);

  const { path } = await host.client.invoke('recording.start');
  await sleep(1_500);
  hangEncoder();
  const [recorded, left] = await Promise.all([host.client.invoke('recording.stop'), stop()]); // a file waits for its last pictures
  expect(left).toBe('in time');
  expect(recorded).toMatchObject({ status: 'complete', path });
  expect((await probePackets(path)).filter(({ kind }) => kind === 'video').length).toBeGreaterThan(10);
  await expect.poll(async () => (await host.client.invoke('stats.get')).session, { timeout: 15_000 }).toEqual({ phase: 'idle' });
});
