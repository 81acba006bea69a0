/** A show: from Go live to its end, over the destinations that are enabled. */

import { Emitter } from '../../../src-shared/disposable.ts';
import type { Destination, DestinationId, PublisherState, PublisherStatus, SessionState } from '../../../src-shared/domain/index.ts';
import { StudioError } from '../../../src-shared/errors.ts';
import type { Clock } from '../../process/clock.ts';
import type { VideoPacket } from '../../process/packet.ts';
import type { Emit } from '../events.ts';
import type { Log } from '../log.ts';
import type { ActivityLog } from '../monitor/activity-log.ts';
import { STREAM_RENDITION } from '../rendition/plan.ts';
import type { Secrets } from '../secrets.ts';
import type { LiveServerSupervisor } from '../server/live-server-supervisor.ts';
import type { Store } from '../store/store.ts';
import { activeProfile } from './active-profile.ts';
import type { Program } from './program.ts';
import { publisherActivity } from './publisher-activity.ts';
import { type Outlet, PublisherSet } from './publisher-set.ts';
import { nextSession, type SessionEvent } from './session-state.ts';

export interface SessionOptions {
  program: Program;
  server: LiveServerSupervisor;
  store: Store;
  secrets: Secrets;
  activities: ActivityLog;
  clock: Clock;
  emit: Emit;
  log: Log;
  onPublished: (packet: VideoPacket) => void;
}

export class Session {
  /** a show is on air */
  readonly started = new Emitter<null>();
  readonly #options: SessionOptions;
  readonly #publishers: PublisherSet;
  #state: SessionState = { phase: 'idle' };
  #historyId: number | null = null;
  #starting: Promise<SessionState> | null = null;
  #stopping: Promise<void> | null = null;

  constructor(options: SessionOptions) {
    this.#options = options;
    const { program, clock, log, server, onPublished } = options;
    this.#publishers = new PublisherSet({
      program,
      clock,
      log,
      onPublished,
      onChange: (destination, before, after) => this.#onPublisher(destination, before, after),
    });
    server.changed.on((running) => {
      if (running) this.refresh().catch((error: unknown) => log.warn(`session: not brought up to date: ${String(error)}`));
    });
    server.idrWanted.on(() => void (this.#state.phase === 'on-air' && program.requestIdr(STREAM_RENDITION)));
  }

  get state(): SessionState {
    return this.#state;
  }

  publishers(): PublisherStatus[] {
    return this.#publishers.statuses();
  }

  /** @throws StudioError session.already-live, session.no-destination, server.unavailable, or the encoder's reason */
  start(): Promise<SessionState> {
    if (this.#state.phase !== 'idle') {
      return Promise.reject(new StudioError('session.already-live', 'A show is running already. Stop it before starting another.'));
    }
    this.#step({ type: 'start' });
    this.#starting = this.#start().finally(() => void (this.#starting = null));
    return this.#starting;
  }

  /** Says goodbye everywhere; recordings go on. @throws StudioError session.not-live */
  stop(): Promise<void> {
    if (this.#stopping) return this.#stopping;
    if (this.#state.phase === 'idle') return Promise.reject(new StudioError('session.not-live', 'No show is running.'));
    this.#stopping = this.#stop().finally(() => void (this.#stopping = null));
    return this.#stopping;
  }

  /** Brings the connections of a running show in line with the destinations as they are now. */
  async refresh(): Promise<void> {
    if (this.#state.phase !== 'on-air') return;
    const outlets = await this.#outlets();
    if (this.#state.phase !== 'on-air') return;
    this.#publishers.reconcile(outlets);
    this.#step({ type: 'destinations', live: isLive(outlets) });
    this.#emitPublishers();
  }

  /** @throws StudioError session.not-live when the destination is not part of a running show */
  retry(id: DestinationId): void {
    if (!this.#publishers.retry(id))
      throw new StudioError('session.not-live', 'This destination is not part of a running show. Enable it and go live.');
  }

  async #start(): Promise<SessionState> {
    const { program, store, clock, log } = this.#options;
    try {
      const outlets = await this.#outlets();
      if (outlets.length === 0)
        throw new StudioError('session.no-destination', 'No destination is enabled. Enable one in Destinations, then go live.');
      await program.change({ streaming: true }, await activeProfile(store));
      await program.headers(STREAM_RENDITION);
      this.#publishers.reconcile(outlets);
      this.#step({ type: 'started', nowUs: clock.nowUs(), live: isLive(outlets) });
      this.#emitPublishers();
      this.started.emit(null);
      await this.#beginHistory(isLive(outlets));
      log.info(`session: on air to ${outlets.map(({ destination }) => destination.name).join(', ')}`);
      return this.#state;
    } catch (error) {
      try {
        await this.#endProgram();
        await this.#publishers.closeAll();
      } finally {
        this.#step({ type: 'ended' });
      }
      throw error;
    }
  }

  async #stop(): Promise<void> {
    await this.#starting?.catch(() => {});
    if (this.#state.phase === 'idle') return; // the start has failed meanwhile
    this.#step({ type: 'stop' });
    let last: PublisherStatus[] = [];
    try {
      await this.#endProgram();
      last = this.publishers(); // closing takes them off the list
      await this.#publishers.closeAll();
    } finally {
      await this.#endHistory(last);
      this.#step({ type: 'ended' });
      this.#emitPublishers();
      this.#options.log.info('session: ended');
    }
  }

  /** Never rejects, and asks nothing of the store: a show must end whatever else is broken. */
  async #endProgram(): Promise<void> {
    const { program, log } = this.#options;
    await program
      .change({ streaming: false })
      .catch((error: unknown) => log.warn(`session: the encoder did not end in order: ${String(error)}`));
  }

  /** The enabled destinations with their addresses and keys. One that is not to be had is left out and reported. */
  async #outlets(): Promise<Outlet[]> {
    const enabled = (await this.#options.store.destinations.list()).filter((destination) => destination.enabled);
    const outlets: Outlet[] = [];
    for (const destination of enabled) {
      try {
        outlets.push({ destination, target: await this.#target(destination) });
      } catch (error) {
        if (!(error instanceof StudioError) || enabled.length === 1) throw error;
        const { code, message } = error;
        this.#options.activities.add({ level: 'error', subject: destination.name, failure: { code, message }, message });
      }
    }
    return outlets;
  }

  async #target({ id, kind, url }: Destination): Promise<Outlet['target']> {
    if (kind === 'rtmp') return { destinationId: id, url, backupUrl: null, streamKey: (await this.#options.secrets.get(id)) ?? '' };
    const { rtmpUrl } = await this.#options.server.whenRunning();
    const { streamName, key } = this.#options.server.rehearsal;
    return { destinationId: id, url: rtmpUrl, backupUrl: null, streamKey: `${streamName}?key=${key}` };
  }

  #step(event: SessionEvent): void {
    const next = nextSession(this.#state, event);
    if (next === this.#state) return;
    this.#state = next;
    this.#options.emit('session.changed', next);
  }

  #onPublisher(destination: Destination, before: PublisherState, after: PublisherState): void {
    const activity = publisherActivity(destination.name, before, after);
    if (activity) this.#options.activities.add(activity);
    this.#emitPublishers();
  }

  #emitPublishers(): void {
    this.#options.emit('publishers.changed', this.publishers());
  }

  /** The history is a record, not a condition: a show goes on without it. */
  async #beginHistory(live: boolean): Promise<void> {
    const { store, log } = this.#options;
    const begun = await store.sessions
      .begin({ startedAtMs: Date.now(), live })
      .catch((error: unknown) => log.warn(`session: no history: ${String(error)}`));
    this.#historyId = begun ? begun.id : null;
  }

  async #endHistory(publishers: PublisherStatus[]): Promise<void> {
    if (this.#historyId === null) return;
    const { store, log } = this.#options;
    await store.sessions
      .update(this.#historyId, {
        endedAtMs: Date.now(),
        metrics: { publishers: publishers.map(({ destinationId, stats }) => ({ destinationId, ...stats })) },
      })
      .catch((error: unknown) => log.warn(`session: no history: ${String(error)}`));
    this.#historyId = null;
  }
}

function isLive(outlets: readonly Outlet[]): boolean {
  return outlets.some(({ destination }) => destination.kind !== 'rehearsal');
}
