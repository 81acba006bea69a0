import { expect, test } from 'vitest';
import type { Alert, AlertRules, MetricSample } from '../../../src-shared/domain/index.ts';
import type { ServerFigures } from '../../process/server-contract.ts';
import type { Emit } from '../events.ts';
import type { ActivityInput } from './activity-log.ts';
import type { MetricInput } from './metric-collector.ts';
import { MetricsWatch } from './metrics-watch.ts';

const figures = (timeMs: number, change: Partial<ServerFigures> = {}): ServerFigures => ({
  timeMs,
  publishers: 1,
  viewers: { flv: 2, hls: 1, rtmp: 0 },
  inBytes: 0,
  outBytes: 0,
  cpuUs: 0,
  rssBytes: 64 * 1024 * 1024,
  loopDelayP99Ms: 1,
  viewerQueueMs: 0,
  droppedFrames: 0,
  stalls: 0,
  reconnects: 0,
  qoe: { players: 0, startupMs: null, glassMs: null, stalledPct: null },
  ...change,
});

const input = (server: ServerFigures | null): MetricInput => ({
  publishers: [],
  encoder: { cpuPct: 0, rssBytes: 0, framesLate: 0 },
  engineCpuPct: 5,
  engineRssBytes: 1024 * 1024,
  pageHeapBytes: null,
  server,
});

async function setUp(saved: AlertRules | null = null) {
  const stored: MetricSample[] = [];
  const told: ActivityInput[] = [];
  const pushed: Alert[][] = [];
  let kept: unknown = saved;
  const store = {
    metrics: { add: async (sample: MetricSample) => void stored.push(sample), range: async () => [] },
    settings: { get: async () => kept as null, set: async (_: string, value: unknown) => void (kept = value), remove: async () => {} },
  };
  const emit: Emit = (name, value) => void (name === 'alerts.changed' && pushed.push(value as Alert[]));
  const open = () => MetricsWatch.open({ store, activities: { add: (line) => void told.push(line) }, emit, log: { warn() {} } });
  return { watch: await open(), open, stored, told, pushed };
}

test('rates come of what the server counts, minutes of what came in them', async () => {
  const { watch } = await setUp();
  watch.tick(input(figures(0, { stalls: 7 })), 0, true);
  watch.tick(input(figures(1_000, { inBytes: 125_000, outBytes: 1_250_000, cpuUs: 250_000, stalls: 9 })), 1_000, true);
  expect(watch.values).toMatchObject({ viewers: 3, serverInKbps: 1_000, serverOutKbps: 10_000, serverCpuPct: 25, stallsPerMin: 2 });
  watch.tick(input(null), 30_000, true);
  expect(watch.values).toMatchObject({ engineCpuPct: 5, stallsPerMin: 2 });
  expect(watch.values.serverOutKbps).toBeUndefined();
  watch.tick(input(figures(0, { stalls: 1 })), 61_000, true); // another process: it has counted one since
  expect(watch.values.stallsPerMin).toBe(1);
});

test('one sample in ten seconds is kept, and none while nothing happens', async () => {
  const { watch, stored } = await setUp();
  for (let second = 0; second < 25; second += 1) watch.tick(input(null), second * 1_000, second < 20);
  expect(stored).toHaveLength(2);
  expect(watch.recent).toHaveLength(25);
});

test('an alert is told when it begins and when it ends, and pushed; the rules that the user saved outlive the engine', async () => {
  const { watch, open, told, pushed } = await setUp();
  const rules = watch.alerts.map(({ rule }) => (rule.metric === 'viewerQueueMs' ? { ...rule, threshold: 100, forS: 2 } : rule));
  await watch.saveRules(rules);
  expect(pushed).toHaveLength(1);
  let second = 0;
  const pass = (viewerQueueMs: number, seconds: number) => {
    for (const end = second + seconds; second < end; second += 1)
      watch.tick(input(figures(second, { viewerQueueMs })), second * 1_000, true);
  };
  pass(500, 5);
  pass(0, 5);
  expect(told.map(({ event }) => event)).toEqual([
    { kind: 'alert', metric: 'viewerQueueMs', bad: 'above', threshold: 100, worst: 500, began: true },
    { kind: 'alert', metric: 'viewerQueueMs', bad: 'above', threshold: 100, worst: 500, began: false },
  ]);
  expect(pushed.length).toBe(4); // saved, pending, firing, calm
  expect((await open()).alerts.find(({ rule }) => rule.metric === 'viewerQueueMs')?.rule).toMatchObject({ threshold: 100, forS: 2 });
});
