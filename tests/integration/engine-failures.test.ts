/** What goes wrong around a show: each failure has its own message, and nothing else is hurt. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmdirSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { FromServer, ToServer } from '../../src-main/process/server-contract.ts';
import { NodeServiceHost, type Service } from '../../src-main/process/service.ts';
import { Destination } from '../../src-shared/domain/index.ts';
import { probePackets, run } from '../support/broadcast-analysis.ts';
import { type Host, nextEvent, startHost } from '../support/engine-harness.ts';
import { HostFeeder, type HostFeederOptions } from '../support/host-feeder.ts';
import { noise } from '../support/noise.ts';
import { publisherOf, SMALL, sleep, smallProfile } from './engine-support.ts';

let folder: string;
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'tidecast-failures-'))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

async function start(options: Parameters<typeof startHost>[0] = {}, pictures: HostFeederOptions = {}): Promise<Host> {
  const host = await startHost(options);
  cleanups.push(() => host.stop());
  await host.client.invoke('profile.save', smallProfile({ recording: { encode: 'own' } }));
  const feeder = await HostFeeder.attach(host, pictures);
  cleanups.push(() => feeder.close());
  return host;
}

/** A live server of its own, as a stranger's would be. */
async function foreignServer(key: string): Promise<string> {
  const service: Service<ToServer, FromServer> = new NodeServiceHost().start('server');
  const ready = new Promise<string>((resolve) => service.onMessage((message) => message.type === 'ready' && resolve(message.rtmpUrl)));
  service.send({ type: 'start', options: { host: '127.0.0.1', rtmpPort: 0, httpPort: 0, streams: [{ name: 'show', key }] } });
  cleanups.push(() => {
    const ended = new Promise<void>((resolve) => service.onExit(() => resolve()));
    service.send({ type: 'stop' });
    return ended;
  });
  return ready;
}

describe('destinations that fail', () => {
  test('each says why, the good ones go on, and a corrected one joins the running show', async () => {
    const host = await start();
    const url = await foreignServer('right-key');
    const destination = (id: string, url: string) => Destination.parse({ id, name: id, kind: 'rtmp', url, enabled: true });
    const save = (id: string, address: string, streamKey: string) =>
      host.client.invoke('destination.save', { destination: destination(id, address), streamKey });
    await save('good', url, 'show?key=right-key');
    await save('wrong-key', url, 'wrong-key-of-mine');
    await save('nobody', 'rtmp://127.0.0.1:1/live', 'k');
    await save('no-host', 'rtmp://no-such-host.invalid/live', 'k');
    const state = async (id: string) => (await publisherOf(host.client, id))?.state;
    expect(await host.client.invoke('session.start')).toMatchObject({ phase: 'on-air', live: true });

    await expect
      .poll(() => state('wrong-key'), { timeout: 15_000 })
      .toMatchObject({ phase: 'stopped', failure: { code: 'rtmp.rejected' } });
    await expect.poll(() => state('nobody'), { timeout: 15_000 }).toMatchObject({ failure: { code: 'network.refused' } });
    await expect.poll(() => state('no-host'), { timeout: 30_000 }).toMatchObject({ failure: { code: 'network.dns' } });
    await expect.poll(() => state('good'), { timeout: 15_000 }).toMatchObject({ phase: 'live', reconnects: 0 });
    await expect.poll(() => state('rehearsal'), { timeout: 15_000 }).toMatchObject({ phase: 'live', reconnects: 0 });
    const good = await state('good');

    // A foreign server takes one publisher a stream: the good one leaves before the corrected one comes.
    await host.client.invoke('destination.save', { destination: { ...destination('good', url), enabled: false } });
    await expect.poll(() => state('good')).toBeUndefined();
    await save('wrong-key', url, 'show?key=right-key');
    await expect.poll(() => state('wrong-key'), { timeout: 15_000 }).toMatchObject({ phase: 'live' });
    await host.client.invoke('destination.retry', { id: 'nobody' as Destination['id'] });
    expect(good).toMatchObject({ phase: 'live' });

    const failures = (await host.client.invoke('activity.list')).flatMap(({ subject, failure }) =>
      failure ? [[subject, failure.code]] : [],
    );
    expect(failures).toEqual(
      expect.arrayContaining([
        ['wrong-key', 'rtmp.rejected'],
        ['nobody', 'network.refused'],
        ['no-host', 'network.dns'],
      ]),
    );
    for (const secret of ['wrong-key-of-mine', 'right-key']) {
      expect(JSON.stringify(await host.client.invoke('activity.list'))).not.toContain(secret);
      expect(JSON.stringify(await host.client.invoke('stats.get'))).not.toContain(secret);
      expect(host.log()).not.toContain(secret);
      expect(spawnSync('grep', ['-rl', secret, host.dataDirectory]).stdout.toString()).toBe('');
    }
    await host.client.invoke('session.stop');
    expect((await host.client.invoke('stats.get')).publishers).toEqual([]);
  });
});

describe('recordings that fail', () => {
  test('the engine killed in mid-recording: the next start lists it, and it plays to within 1 s of the kill', async () => {
    const dataDirectory = mkdtempSync(join(folder, 'killed-'));
    const host = await startHost({ dataDirectory });
    await host.client.invoke('profile.save', smallProfile());
    const feeder = await HostFeeder.attach(host);
    const { id, path } = await host.client.invoke('recording.start');
    const { recorder } = await host.client.invoke('stats.get');
    if (recorder.phase !== 'recording') throw new Error('not recording');
    await sleep(4_000);
    const lastedMs = ((await host.client.invoke('stats.get')).timeUs - recorder.sinceUs) / 1_000;
    await host.kill();
    await feeder.close();

    const again = await start({ dataDirectory });
    const found = await vi.waitFor(async () => {
      const [first] = await again.client.invoke('recording.list');
      expect(first).toMatchObject({ id, path, status: 'interrupted' });
      return first;
    }, 10_000);
    expect(found?.durationMs).toBeGreaterThan(lastedMs - 1_000);
    const pictures = (await probePackets(path)).filter(({ kind }) => kind === 'video');
    expect((pictures.at(-1)?.ptsS ?? 0) * 1_000).toBeGreaterThan(lastedMs - 1_000);
    await run('ffmpeg', ['-v', 'error', '-xerror', '-i', path, '-f', 'null', '-']);
    expect((await again.client.invoke('activity.list')).some(({ subject, level }) => subject === 'Recording' && level === 'warning')).toBe(
      true,
    );
  });

  test('a file that is gone is shown as missing at the next start', async () => {
    const dataDirectory = mkdtempSync(join(folder, 'missing-'));
    const host = await startHost({ dataDirectory });
    await host.client.invoke('profile.save', smallProfile());
    await host.client.invoke('recording.start');
    await sleep(1_500);
    const { path } = await host.client.invoke('recording.stop');
    await host.stop();
    unlinkSync(path);
    const again = await start({ dataDirectory });
    await vi.waitFor(
      async () => expect((await again.client.invoke('recording.list')).map(({ status }) => status)).toEqual(['missing']),
      10_000,
    );
  });

  test('a folder that cannot be written to: said at once, and the show is not touched', async () => {
    const host = await start();
    const inTheWay = join(folder, 'file-in-the-way');
    writeFileSync(inTheWay, '');
    await host.client.invoke('profile.save', smallProfile({ recording: { folder: join(inTheWay, 'recordings') } }));
    await host.client.invoke('session.start');
    await expect(host.client.invoke('recording.start')).rejects.toMatchObject({ code: 'record.folder' });
    const { recorder, session } = await host.client.invoke('stats.get');
    expect(recorder).toMatchObject({ phase: 'idle', failure: { code: 'record.folder' } });
    expect(session.phase).toBe('on-air');
    await expect.poll(async () => (await publisherOf(host.client, 'rehearsal'))?.state.phase).toBe('live');
    expect(await host.client.invoke('recording.list')).toEqual([]);
  });

  const small = smallDisk();
  test.skipIf(small === null)('a full disk ends the recording with its reason; what was written plays, and the show goes on', async () => {
    const host = await start({}, { draw: noise(SMALL) }); // 1 MB a second
    const disk = small?.() ?? '';
    await host.client.invoke('profile.save', smallProfile({ recording: { folder: disk, encode: 'own', bitrateKbps: 8_000 } }));
    await host.client.invoke('session.start');
    const ended = nextEvent(host.client, 'recorder.changed', ({ phase }) => phase === 'idle', 40_000);
    const { path } = await host.client.invoke('recording.start');
    expect(await ended).toMatchObject({ phase: 'idle', failure: { code: 'record.disk-full' } });
    await run('ffmpeg', ['-v', 'error', '-i', path, '-f', 'null', '-']);
    await expect.poll(async () => (await host.client.invoke('recording.list'))[0]?.status).toBe('complete');
    expect(
      (await host.client.invoke('activity.list')).some(({ failure, level }) => failure?.code === 'record.disk-full' && level === 'error'),
    ).toBe(true);
    expect((await host.client.invoke('stats.get')).session.phase).toBe('on-air');
    expect((await publisherOf(host.client, 'rehearsal'))?.state).toMatchObject({ phase: 'live', reconnects: 0 });
  });
});

/** A tiny file system of its own, where this user may mount one; null otherwise. */
function smallDisk(): (() => string) | null {
  const mount = (mountPoint: string) => spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', mountPoint]).status === 0;
  const unmount = (mountPoint: string) => {
    execFileSync('umount', ['-l', mountPoint]);
    rmdirSync(mountPoint);
  };
  const probe = mkdtempSync(join(tmpdir(), 'tidecast-mount-'));
  if (!mount(probe)) {
    rmdirSync(probe);
    return null;
  }
  unmount(probe);
  return () => {
    const mountPoint = mkdtempSync(join(tmpdir(), 'tidecast-mount-'));
    mount(mountPoint);
    cleanups.unshift(() => unmount(mountPoint));
    return mountPoint;
  };
}
