import { z } from 'zod';
import type { ShowSummary } from '../../../src-shared/domain/index.ts';
import type { SessionRecord } from '../store/protocol.ts';
import type { AreaHandlers, EngineContext } from './context.ts';

export function metricCalls({ store, metrics }: EngineContext): AreaHandlers<'metrics' | 'alerts'> {
  return {
    'metrics.recent': () => [...metrics.recent],
    'metrics.history': ({ fromMs, toMs }) => store.metrics.range(fromMs, toMs),
    'metrics.shows': async () => (await store.sessions.list()).map(summary),
    'alerts.list': () => metrics.alerts,
    'alerts.save': (rules) => metrics.saveRules(rules),
  };
}

/** What older versions wrote may have less in it. */
const ShowMetrics = z.object({
  publishers: z.array(z.object({ framesSent: z.number(), framesDropped: z.number() })).catch([]),
  incidents: z.array(z.unknown()).catch([]),
});

function summary({ id, startedAtMs, endedAtMs, live, metrics }: SessionRecord): ShowSummary {
  const { data } = ShowMetrics.safeParse(metrics);
  const sum = (key: 'framesSent' | 'framesDropped') => data?.publishers.reduce((total, one) => total + one[key], 0) ?? 0;
  return {
    id,
    startedAtMs,
    endedAtMs,
    live,
    framesSent: sum('framesSent'),
    framesDropped: sum('framesDropped'),
    incidents: data?.incidents.length ?? 0,
  };
}
