/** Lets what runs follow the active profile: what the user saves holds at once, or the user is told why it does not. */
import type { Profile } from '../../../src-shared/domain/index.ts';
import { toFailure } from '../../../src-shared/errors.ts';
import type { Log } from '../log.ts';
import type { ActivityLog } from '../monitor/activity-log.ts';
import { changedActivity, isSeen, keptActivity, laterActivity, liveChange } from './live-change.ts';

export interface ProfileFollowerOptions {
  /** the active profile, as it is saved */
  saved: () => Promise<Profile>;
  /** the profile of what runs; null: nothing does */
  running: () => Profile | null;
  isRecording: () => boolean;
  /** @throws StudioError why an encode does not come up with it */
  apply: (profile: Profile, isNew: boolean) => Promise<void>;
  activities: Pick<ActivityLog, 'add'>;
  log: Pick<Log, 'warn'>;
}

export class ProfileFollower {
  readonly #options: ProfileFollowerOptions;
  #again = false;
  #working: Promise<void> | null = null;
  /** what could not be used is not tried again until something else is saved */
  #refused: string | null = null;

  constructor(options: ProfileFollowerOptions) {
    this.#options = options;
  }

  /** A profile was saved, or something has begun. Of several in a row the last counts. Never rejects. */
  refresh(): Promise<void> {
    this.#again = true;
    this.#working ??= this.#work().finally(() => void (this.#working = null));
    return this.#working;
  }

  async #work(): Promise<void> {
    while (this.#again) {
      this.#again = false;
      try {
        await this.#follow(await this.#options.saved());
      } catch (error) {
        this.#options.log.warn(`profile: not followed: ${String(error)}`);
      }
    }
  }

  async #follow(profile: Profile): Promise<void> {
    const { running, isRecording, apply, activities } = this.#options;
    const before = running();
    const isRefused = this.#refused === JSON.stringify(profile);
    if (!isRefused) this.#refused = null;
    if (!before || isRefused) return;
    const change = liveChange(before, profile);
    const isLater = isRecording() && (change.later.folder || change.later.encode);
    try {
      if (JSON.stringify(before) !== JSON.stringify(profile)) await apply(profile, change.reopens);
    } catch (error) {
      if (running() === null) return; // the end of a show breaks it off
      this.#refused = JSON.stringify(profile);
      await apply(before, true);
      return activities.add(keptActivity(toFailure(error)));
    }
    if (running() !== null && isSeen(change)) activities.add(changedActivity(change, profile));
    if (isLater) activities.add(laterActivity(change.later));
  }
}
