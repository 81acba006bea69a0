import type { AreaHandlers, EngineContext } from './context.ts';

export function sessionCalls({ session }: EngineContext): AreaHandlers<'session' | 'rehearsal'> {
  return {
    'session.start': () => session.start(),
    'session.stop': () => session.stop(),
    'session.rehearse': ({ link }) => session.rehearse(link),
    'rehearsal.link': ({ link }) => session.changeLink(link),
  };
}
