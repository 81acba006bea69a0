import type { AreaHandlers, EngineContext } from './context.ts';

export function activityCalls({ activities }: EngineContext): AreaHandlers<'activity'> {
  return {
    'activity.list': () => activities.list(),
    'activity.report': ({ subject, level, code, message, event }) =>
      activities.add({ subject, level, failure: code ? { code, message } : null, message, ...(event && { event }) }),
  };
}
