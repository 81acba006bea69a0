import { availableParallelism } from 'node:os';
import type { AreaHandlers, EngineContext } from './context.ts';

export function studioCalls({
  host,
  version,
  dataDirectory,
  recordingsDirectory,
  server,
  monitor,
}: EngineContext): AreaHandlers<'studio' | 'stats'> {
  return {
    'studio.info': () => ({
      version,
      host,
      dataDirectory,
      recordingsDirectory,
      viewerUrl: server.running?.httpUrl ?? null,
      logicalCores: availableParallelism(),
    }),
    'stats.get': () => monitor.stats(),
  };
}
