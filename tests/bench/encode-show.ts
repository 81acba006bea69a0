/**
 * The engine's event loop in a real show: the browser host, its encoder process and the live server as shipped, with a
 * recording; pictures and sound come over the media connections, as a page would send them.
 */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { DEFAULT_PROFILE, Profile, type VideoSettings } from '../../src-shared/domain/index.ts';
import { type Host, startHost } from '../support/engine-harness.ts';
import { HostFeeder } from '../support/host-feeder.ts';
import type { LoopDelay } from './engine-loop.ts';

const READY_TIMEOUT_MS = 30_000;

/** Goes live and records, warms up, watches, and ends it all. */
export async function measureEngineLoop(
  video: VideoSettings,
  pictures: Uint8Array[],
  { warmUpMs, windowMs }: { warmUpMs: number; windowMs: number },
): Promise<LoopDelay> {
  const file = `${process.env['TMPDIR'] ?? '/tmp'}/tidecast-loop-${process.pid}.json`;
  const options = `${process.env['NODE_OPTIONS'] ?? ''} --import=${new URL('./engine-loop.ts', import.meta.url)}`;
  const host = await startHost({ env: { NODE_OPTIONS: options, TIDECAST_LOOP_FILE: file } });
  try {
    await host.client.invoke('profile.save', Profile.parse({ ...DEFAULT_PROFILE, video, recording: { encode: 'shared' } }));
    const feeder = await HostFeeder.attach(host, { draw: (planes, tick) => planes.set(pictures[tick % pictures.length]!) });
    try {
      await host.client.invoke('session.start');
      await host.client.invoke('recording.start');
      await untilOnAir(host);
      await sleep(warmUpMs);
      await askLoop(host, file);
      const before = (await host.client.invoke('stats.get')).encoder.framesNew;
      await sleep(windowMs);
      const delay = await askLoop(host, file);
      const { encoder, publishers } = await host.client.invoke('stats.get');
      if (encoder.framesNew === before || publishers.some(({ state }) => state.phase !== 'live')) throw new Error('The show has stopped.');
      await host.client.invoke('recording.stop');
      await host.client.invoke('session.stop');
      return delay;
    } finally {
      await feeder.close();
    }
  } finally {
    await host.stop();
    rmSync(file, { force: true });
  }
}

async function untilOnAir(host: Host): Promise<void> {
  await until(async () => {
    const { publishers, encoder } = await host.client.invoke('stats.get');
    return encoder.framesNew > 0 && publishers.some(({ state, stats }) => state.phase === 'live' && stats.framesSent > 0);
  }, `no picture has reached the live server. The host said: ${host.log()}`);
}

/** What has been since the last question. */
async function askLoop(host: Host, file: string): Promise<LoopDelay> {
  rmSync(file, { force: true });
  process.kill(host.pid, 'SIGUSR2');
  await until(async () => existsSync(file), 'the engine has not said how late it is');
  return JSON.parse(readFileSync(file, 'utf8')) as LoopDelay;
}

async function until(holds: () => Promise<boolean>, otherwise: string): Promise<void> {
  const lateMs = performance.now() + READY_TIMEOUT_MS;
  while (!(await holds())) {
    if (performance.now() > lateMs) throw new Error(`After ${READY_TIMEOUT_MS / 1_000} s, ${otherwise}`);
    await sleep(50);
  }
}
