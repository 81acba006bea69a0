import { expect, test } from 'vitest';
import type { CompositorStats } from '../../../src-shared/domain/index.ts';
import { LatencyMeter } from './latency-meter.ts';
import { Monitor } from './monitor.ts';

const compositor: CompositorStats = {
  backend: 'cpu',
  framesPerSecond: 30,
  framesSkipped: 0,
  composeP50Ms: 1,
  composeP95Ms: 2,
  i420P50Ms: 1,
  i420P95Ms: 2,
  transportP50Ms: 3,
  transportP95Ms: 5,
};

test('what a page reports is shown for three seconds', () => {
  let nowUs = 0;
  const clock = { nowUs: () => nowUs, epochNs: 0n };
  const monitor = new Monitor({
    clock,
    emit: () => {},
    folder: async () => '.',
    session: () => ({ phase: 'idle' }),
    recorder: () => ({ phase: 'idle', failure: null }),
    publishers: () => [],
    link: () => null,
    encoder: () => ({
      framesNew: 0,
      framesRepeated: 0,
      framesLate: 0,
      silenceMs: 0,
      audioRebases: 0,
      encodeP50Ms: 0,
      encodeP95Ms: 0,
      cpuPct: 0,
      rssBytes: 0,
      restarts: 0,
      encodes: [],
      relief: null,
    }),
    latency: () => new LatencyMeter(clock).latency,
  });
  try {
    expect(monitor.stats().compositor).toBeNull();
    monitor.noteCompositor(compositor);
    nowUs = 2_900_000;
    expect(monitor.stats().compositor).toEqual(compositor);
    nowUs = 3_000_000;
    expect(monitor.stats().compositor).toBeNull();
  } finally {
    monitor.dispose();
  }
});
