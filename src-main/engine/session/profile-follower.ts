/** Lets what runs follow the active profile: what the user saves holds at once, or the user is told why it does not. */
import type { Profile } from '../../../src-shared/domain/index.ts';
import { type Failure, toFailure } from '../../../src-shared/errors.ts';
import type { Log } from '../log.ts';
import type { ActivityLog } from '../monitor/activity-log.ts';
import { changedActivity, isSeen, keptActivity, laterActivity, liveChange, lostActivity } from './live-change.ts';
import { LateEncodeError } from './program.ts';

/** The way back is tried so often: pictures are missing until it succeeds. */
const BACK_TRIES = 3;
const BACK_AGAIN_MS = 1_000;

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
  /** the way back failed, too: the next settings are applied even if they are those that ought to run */
  #isLost = false;

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
      const isLost = this.#isLost;
      if (isLost || JSON.stringify(before) !== JSON.stringify(profile)) await apply(profile, isLost || change.reopens);
      this.#isLost = false;
    } catch (error) {
      if (running() === null) return; // the end of a show breaks it off
      const failure = toFailure(error);
      const backFailure = await this.#goBack(before);
      this.#isLost = backFailure !== null && running() !== null;
      const isTheirs = failure.code === 'encoder.open-failed' && !(error instanceof LateEncodeError) && !this.#isLost;
      if (isTheirs) this.#refused = JSON.stringify(profile); // anything else may have passed when they are saved again
      return activities.add(this.#isLost && backFailure ? lostActivity(backFailure) : keptActivity(failure));
    }
    if (running() !== null && isSeen(change)) activities.add(changedActivity(change, profile));
    if (isLater) activities.add(laterActivity(change.later));
  }

  /** @returns why the settings before are not in use again, either */
  async #goBack(before: Profile): Promise<Failure | null> {
    const { running, apply, log } = this.#options;
    for (let tries = 1; ; tries += 1) {
      try {
        await apply(before, true);
        return null;
      } catch (error) {
        log.warn(`profile: the way back failed: ${String(error)}`);
        const isEnough = tries === BACK_TRIES || this.#again; // something else was saved: that is tried instead
        if (isEnough || running() === null) return toFailure(error);
      }
      await new Promise((resolve) => setTimeout(resolve, BACK_AGAIN_MS));
      if (running() === null) return null;
    }
  }
}
