import type { AreaHandlers, EngineContext } from './context.ts';

export function assetCalls({ store }: EngineContext): AreaHandlers<'asset'> {
  return {
    'asset.put': (file) => store.assets.put(file),
    'asset.list': () => store.assets.list(),
  };
}
