import type { AreaHandlers, EngineContext } from './context.ts';

export function mediaCalls({ encoder, program }: EngineContext): AreaHandlers<'media'> {
  return {
    'media.open': () => encoder.openMedia(),
    'media.demand': () => program.demand,
  };
}
