import type { AreaHandlers, EngineContext } from './context.ts';

export function sessionCalls({ session }: EngineContext): AreaHandlers<'session' | 'rehearsal' | 'network'> {
  return {
    'session.start': () => session.start(),
    'session.stop': () => session.stop(),
    'session.rehearse': ({ link, rate }) => session.rehearse(link, rate),
    'rehearsal.link': ({ link }) => session.changeLink(link),
    'network.online': () => session.networkBack(),
  };
}
