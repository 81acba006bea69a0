import { expect, test, vi } from 'vitest';
import type { CompositorStats } from '../../../src-shared/domain/index.ts';
import type { Clock } from '../../process/clock.ts';
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
  filterMs: {},
  filterRelief: 'none',
  transportP95Ms: 5,
};

function monitorOf({
  clock,
  emit = () => {},
  error = () => {},
}: {
  clock: Clock;
  emit?: () => void;
  error?: (line: string) => void;
}): Monitor {
  return new Monitor({
    clock,
    emit,
    log: { error },
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
    server: () => null,
    metrics: { values: {}, tick: () => {} },
  });
}

test('what a page reports is shown for three seconds', () => {
  let nowUs = 0;
  const monitor = monitorOf({ clock: { nowUs: () => nowUs, epochNs: 0n } });
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

test('figures that cannot be had are told of once, until they can be had again', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const told: string[] = [];
  let works = false;
  let [tried, sent] = [0, 0];
  const emit = () => {
    tried += 1;
    if (!works) throw new Error('no figure');
    sent += 1;
  };
  const monitor = monitorOf({ clock: { nowUs: () => 0, epochNs: 0n }, emit, error: (line) => void told.push(line) });
  /** Seconds pass, and the disk answers in each. */
  const until = async (isDone: () => boolean) => {
    for (let i = 0; i < 100 && !isDone(); i += 1) {
      vi.advanceTimersByTime(1_000);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(isDone()).toBe(true);
  };
  try {
    await until(() => tried >= 4);
    expect(told).toEqual([expect.stringContaining('no figure')]);
    works = true;
    await until(() => sent > 0);
    works = false;
    const triedBefore = tried;
    await until(() => tried >= triedBefore + 4);
    expect(told).toHaveLength(2);
  } finally {
    monitor.dispose();
    vi.useRealTimers();
  }
});
