import type { AreaHandlers, EngineContext } from './context.ts';

/** A show that runs keeps the profile it began with; changes serve the next one. */
export function profileCalls({ store, emit }: EngineContext): AreaHandlers<'profile'> {
  const changed = async () => emit('profiles.changed', await store.profiles.list());
  return {
    'profile.list': () => store.profiles.list(),
    'profile.save': async (profile) => {
      await store.profiles.save(profile);
      await changed();
    },
    'profile.activate': async ({ id }) => {
      await store.profiles.activate(id);
      await changed();
    },
  };
}
