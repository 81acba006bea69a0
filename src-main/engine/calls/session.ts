import type { AreaHandlers, EngineContext } from './context.ts';

export function sessionCalls({ session }: EngineContext): AreaHandlers<'session'> {
  return {
    'session.start': () => session.start(),
    'session.stop': () => session.stop(),
  };
}
