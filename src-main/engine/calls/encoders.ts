import type { AreaHandlers, EngineContext } from './context.ts';

export function encoderCalls({ encoders }: EngineContext): AreaHandlers<'encoders'> {
  return {
    'encoders.list': () => encoders.list(),
    'encoders.probe': () => encoders.probe(),
  };
}
