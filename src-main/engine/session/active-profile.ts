import { DEFAULT_PROFILE, type Profile } from '../../../src-shared/domain/index.ts';
import type { Store } from '../store/store.ts';

export async function activeProfile(store: Store): Promise<Profile> {
  const { activeId, profiles } = await store.profiles.list();
  return profiles.find(({ id }) => id === activeId) ?? DEFAULT_PROFILE;
}
