/** The list of what happened. Kept by the store; what the store cannot take (a full disk) is shown all the same. */
import type { Activity, ActivityEvent } from '../../../src-shared/domain/index.ts';
import type { Failure } from '../../../src-shared/errors.ts';
import type { Emit } from '../events.ts';
import type { Log } from '../log.ts';
import type { Store } from '../store/store.ts';

const KEPT = 500;

export interface ActivityInput {
  level: Activity['level'];
  subject: string;
  failure?: Failure | null;
  message: string;
  event?: ActivityEvent;
}

export class ActivityLog {
  readonly #store: Store;
  readonly #emit: Emit;
  readonly #log: Log;
  #lines: Activity[] = [];
  #unstored = 0;
  #writing: Promise<void> = Promise.resolve();

  private constructor(store: Store, emit: Emit, log: Log) {
    this.#store = store;
    this.#emit = emit;
    this.#log = log;
  }

  static async open(store: Store, emit: Emit, log: Log): Promise<ActivityLog> {
    const activities = new ActivityLog(store, emit, log);
    activities.#lines = await store.activities.list();
    return activities;
  }

  list(): Activity[] {
    return this.#lines;
  }

  add({ level, subject, failure = null, message, event }: ActivityInput): void {
    this.#log[level === 'warning' ? 'warn' : level](`${subject}: ${message}`);
    const line = { atMs: Date.now(), level, subject, failure, message, ...(event && { event }) };
    this.#writing = this.#writing.then(() => this.#write(line));
  }

  /** Resolves when all lines so far are kept. */
  async settled(): Promise<void> {
    await this.#writing;
  }

  async #write(line: Omit<Activity, 'id'>): Promise<void> {
    const activity = await this.#store.activities.add(line).catch((error: unknown): Activity => {
      this.#log.error(`activity: not stored: ${String(error)}`);
      return { ...line, id: -++this.#unstored }; // below the store's own, which go on from where they were
    });
    this.#lines = [...this.#lines.slice(1 - KEPT), activity];
    this.#emit('activity.added', activity);
  }
}
