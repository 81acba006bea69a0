import type { AreaHandlers, EngineContext } from './context.ts';

export function mediaCalls({ encoder, program, monitor }: EngineContext): AreaHandlers<'media' | 'compositor'> {
  return {
    'media.open': () => encoder.openMedia(),
    'media.demand': () => program.demand,
    'compositor.report': (stats) => monitor.noteCompositor(stats),
  };
}
