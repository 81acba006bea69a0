/** What the user is told of a show's destinations: a line in the activity list, an incident in the history. */
import type { Destination, DestinationId, PublisherState } from '../../../src-shared/domain/index.ts';
import { US_PER_S } from '../../../src-shared/units.ts';
import type { Clock } from '../../process/clock.ts';
import type { ActivityLog } from '../monitor/activity-log.ts';
import type { ClockJump, CodecRefusal } from '../publish/publisher.ts';
import { clockJumpActivity, codecActivity, publisherActivity, tracksActivity } from './publisher-activity.ts';
import type { Connection } from './publisher-set.ts';
import type { ShowRecord } from './show-record.ts';

const CLOCK_JUMP_EVERY_US = 60 * US_PER_S;

export interface ShowNewsOptions {
  activities: ActivityLog;
  clock: Clock;
  /** of the show that runs */
  record: () => ShowRecord | null;
}

export class ShowNews {
  readonly #options: ShowNewsOptions;
  readonly #jumpToldUs = new Map<DestinationId, number>();

  constructor(options: ShowNewsOptions) {
    this.#options = options;
  }

  state({ name }: Destination, before: PublisherState, after: PublisherState): void {
    const activity = publisherActivity(name, before, after);
    if (activity) this.#options.activities.add(activity);
  }

  /** A source whose clock jumps at every turn is told of now and then; the figures count them all. */
  clockJump({ id, name }: Destination, jump: ClockJump): void {
    const nowUs = this.#options.clock.nowUs();
    if (nowUs - (this.#jumpToldUs.get(id) ?? Number.NEGATIVE_INFINITY) < CLOCK_JUMP_EVERY_US) return;
    this.#jumpToldUs.set(id, nowUs);
    this.#options.activities.add(clockJumpActivity(name, jump));
  }

  /** The show goes on without them. */
  tracksLeftOut({ name }: Destination, { failure }: CodecRefusal): void {
    this.#options.activities.add(tracksActivity(name, failure));
  }

  /** What the user has asked for is no news, and nothing that has gone wrong. */
  codecRefused({ outlet, codecFallback }: Connection, refusal: CodecRefusal): void {
    if (!codecFallback?.failure) return;
    this.#options.record()?.note(refusal.failure);
    this.#options.activities.add(codecActivity(outlet.destination.name, refusal));
  }
}
