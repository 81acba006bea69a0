import { availableParallelism } from 'node:os';
import type { StudioInfo } from '../../../src-shared/ipc/contract.ts';
import type { AreaHandlers, EngineContext } from './context.ts';

type Studio = Pick<EngineContext, 'host' | 'version' | 'dataDirectory' | 'recordingsDirectory' | 'server'>;

export function studioInfo({ host, version, dataDirectory, recordingsDirectory, server }: Studio): StudioInfo {
  const viewerUrl = server.running?.httpUrl ?? null;
  return { version, host, dataDirectory, recordingsDirectory, viewerUrl, logicalCores: availableParallelism() };
}

export function studioCalls(context: EngineContext): AreaHandlers<'studio' | 'stats'> {
  return {
    'studio.info': () => studioInfo(context),
    'stats.get': () => context.monitor.stats(),
  };
}
