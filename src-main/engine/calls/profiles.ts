import { heAacProblem } from '../../../src-shared/domain/rendition.ts';
import { StudioError } from '../../../src-shared/errors.ts';
import type { AreaHandlers, EngineContext } from './context.ts';

/** What runs follows the active profile, behind the call: the activity list tells what has come of it. */
export function profileCalls({ store, profiles, emit }: EngineContext): AreaHandlers<'profile'> {
  const changed = async () => {
    void profiles.refresh();
    emit('profiles.changed', await store.profiles.list());
  };
  return {
    'profile.list': () => store.profiles.list(),
    'profile.save': async (profile) => {
      if (profile.audio.codec === 'he-aac') throw new StudioError('encoder.open-failed', heAacProblem);
      await store.profiles.save(profile);
      await changed();
    },
    'profile.activate': async ({ id }) => {
      await store.profiles.activate(id);
      await changed();
    },
  };
}
