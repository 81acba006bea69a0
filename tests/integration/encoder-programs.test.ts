/** Programs that work for an encoder process must not outlive it, whatever state they are in. */
import { afterEach, expect, test, vi } from 'vitest';
import { EncoderSupervisor } from '../../src-main/engine/encoder/encoder-supervisor.ts';
import { planRenditions } from '../../src-main/engine/rendition/plan.ts';
import { monotonicClock } from '../../src-main/process/clock.ts';
import { NodeServiceHost } from '../../src-main/process/service.ts';
import { eventually, ORIGIN } from '../support/encoder-harness.ts';
import { descendants, type RunningProcess, untilGone } from '../support/processes.ts';
import { smallProfile } from './engine-support.ts';

let left: RunningProcess[] = [];
afterEach(() => {
  vi.unstubAllEnvs();
  for (const { pid } of left) process.kill(pid, 'SIGKILL');
});

test.each(['SIGKILL', 'SIGSTOP'] as const)('a program that stands still goes with an encoder process that gets %s', async (signal) => {
  vi.stubEnv('TIDECAST_VIDEO_BACK_END', 'command-line');
  const encoder = new EncoderSupervisor({
    services: new NodeServiceHost(),
    clock: monotonicClock(),
    listen: { host: '127.0.0.1', allowedOrigins: [ORIGIN] },
    log: { debug() {}, info() {}, warn() {}, error() {} },
  });
  let pictures = 0;
  encoder.packets.on(({ kind }) => void (kind === 'video' && pictures++));
  try {
    await encoder.want(planRenditions(smallProfile(), { streaming: true, recording: 'none' }));
    await eventually(() => pictures > 5, 'pictures');
    const programs = descendants(process.pid).filter(({ args }) => args.includes('rawvideo'));
    expect(programs).toHaveLength(1);
    for (const { pid } of programs) process.kill(pid, 'SIGSTOP');
    for (const { parentPid } of programs) process.kill(parentPid, signal);
    left = await untilGone(programs, 8_000);
    expect(left).toEqual([]);
    const before = pictures;
    await eventually(() => pictures > before + 5, 'pictures of the next one');
  } finally {
    await encoder.dispose();
  }
});
