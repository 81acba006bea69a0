import type { Profile } from '../../../src-shared/domain/index.ts';
import { link } from '../../engine-client/engine.ts';
import { say } from '../activity/notices.ts';

/** The engine answers with the profiles as they are then. */
export function saveProfile(profile: Profile): void {
  void link.invoke('profile.save', profile).catch(say);
}
