/** A show: from Go live to its end, over the destinations that are enabled. */
import { setTimeout as wait } from 'node:timers/promises';
import { Emitter } from '../../../src-shared/disposable.ts';
import {
  type Destination,
  type DestinationId,
  type LinkProfileId,
  type LinkState,
  type PublisherState,
  type PublisherStatus,
  type RatePolicy,
  REHEARSAL_ID,
  type SessionState,
} from '../../../src-shared/domain/index.ts';
import { StudioError } from '../../../src-shared/errors.ts';
import { US_PER_S } from '../../../src-shared/units.ts';
import type { Clock } from '../../process/clock.ts';
import type { VideoPacket } from '../../process/packet.ts';
import type { EncoderSupervisor } from '../encoder/encoder-supervisor.ts';
import type { Emit } from '../events.ts';
import type { Log } from '../log.ts';
import type { ActivityLog } from '../monitor/activity-log.ts';
import type { ClockJump } from '../publish/publisher.ts';
import { STREAM_RENDITION } from '../rendition/plan.ts';
import type { Secrets } from '../secrets.ts';
import type { LiveServerSupervisor } from '../server/live-server-supervisor.ts';
import type { Store } from '../store/store.ts';
import { activeProfile } from './active-profile.ts';
import { NetworkWatch } from './network-watch.ts';
import { findOutlets, isLive, type Outlet, wantedDestinations } from './outlets.ts';
import type { Program } from './program.ts';
import { clockJumpActivity, publisherActivity } from './publisher-activity.ts';
import { PublisherSet } from './publisher-set.ts';
import { RehearsalUplink } from './rehearsal-uplink.ts';
import { nextSession, type SessionEvent } from './session-state.ts';
import { ShowRates } from './show-rates.ts';

const CLOCK_JUMP_EVERY_US = 60 * US_PER_S;
/** An encoder gets so long for a show's last pictures; with the goodbye (publish/tuning.ts) a show is off the air in 2 s. */
const LAST_PICTURES_MS = 400;

export interface SessionOptions {
  program: Program;
  encoder: Pick<EncoderSupervisor, 'stats'>;
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
  readonly #rates: ShowRates;
  readonly #jumpToldUs = new Map<DestinationId, number>();
  /** how often the destinations, or the show itself, have changed */
  #changes = 0;
  #network: NetworkWatch | null = null;
  #state: SessionState = { phase: 'idle' };
  /** of a network rehearsal; null in a show */
  #uplink: RehearsalUplink | null = null;
  /** from the call on, before there is an uplink */
  #rehearses = false;
  #historyId: number | null = null;
  #starting: Promise<SessionState> | null = null;
  #stopping: Promise<void> | null = null;

  constructor(options: SessionOptions) {
    this.#options = options;
    const { program, encoder, activities, clock, log, server, onPublished } = options;
    this.#publishers = new PublisherSet({
      program,
      clock,
      log,
      onPublished,
      onChange: (destination, before, after) => this.#onPublisher(destination, before, after),
      onClockJump: (destination, jump) => this.#onClockJump(destination, jump),
    });
    this.#rates = new ShowRates({ program, publishers: this.#publishers, encoder, activities, clock, log });
    server.changed.on((running) => void (running && this.refresh()));
    server.idrWanted.on(() => void (this.#state.phase === 'on-air' && this.#rates.requestRehearsalIdr()));
  }

  get state(): SessionState {
    return this.#state;
  }

  publishers(): PublisherStatus[] {
    return this.#publishers.connections.map((connection) => ({
      destinationId: connection.outlet.destination.id,
      ingest: connection.outlet.ingest,
      state: connection.publisher.state,
      stats: connection.publisher.stats,
      rate: this.#rates.rate(connection),
    }));
  }

  /** the made-up uplink of a network rehearsal, or null */
  get link(): LinkState | null {
    return this.#uplink?.state ?? null;
  }

  /** To all enabled destinations. @throws StudioError session.already-live, session.no-destination, server.unavailable, or the encoder's reason */
  start(): Promise<SessionState> {
    return this.#begin(false, () => Promise.resolve());
  }

  /** To the embedded live server alone, whatever is enabled. @param rate of this rehearsal only @throws as `start` */
  rehearse(link: LinkProfileId | null, rate: RatePolicy | null = null): Promise<SessionState> {
    const { server, log } = this.#options;
    return this.#begin(true, async () => void (this.#uplink = await RehearsalUplink.open(server, link, rate, log)));
  }

  /** @throws StudioError session.not-live when no network rehearsal runs */
  changeLink(link: LinkProfileId | null): void {
    if (!this.#uplink || this.#state.phase !== 'on-air')
      throw new StudioError('session.not-live', 'No network rehearsal is running. Start one to try a link.');
    this.#uplink.change(link);
    this.#options.log.info(`session: rehearsal over ${link ?? 'no made-up link'}`);
  }

  /** Says goodbye everywhere; recordings go on. @throws StudioError session.not-live */
  stop(): Promise<void> {
    if (this.#stopping) return this.#stopping;
    if (this.#state.phase === 'idle') return Promise.reject(new StudioError('session.not-live', 'No show is running.'));
    this.#stopping = this.#stop().finally(() => void (this.#stopping = null));
    return this.#stopping;
  }

  /** A show that goes nowhere is nobody's wish. @throws StudioError session.last-destination when these are none for a running show */
  checkDestinations(destinations: readonly Destination[]): void {
    const { phase } = this.#state;
    if (this.#rehearses || (phase !== 'on-air' && phase !== 'starting') || destinations.some(({ enabled }) => enabled)) return;
    throw new StudioError('session.last-destination', 'The show goes nowhere else. End the show first, or enable another destination.');
  }

  /**
   * Brings the connections of a running show in line with the destinations as they are now. Never rejects: what cannot
   * be done is reported, since whoever changed the destinations has done so.
   */
  async refresh(): Promise<void> {
    this.#changes += 1;
    const changes = this.#changes;
    const isOver = () => this.#state.phase !== 'on-air' || changes !== this.#changes; // a newer one knows better
    if (isOver()) return;
    try {
      const wanted = wantedDestinations(await this.#options.store.destinations.list(), this.#uplink);
      if (isOver()) return;
      this.#publishers.keepOnly(new Set(wanted.map(({ id }) => id))); // before anything can fail or take its time
      const outlets = await findOutlets(wanted, this.#options, this.#uplink, 'report', this.#openOutlets());
      if (isOver()) return;
      this.#reconcile(outlets);
      this.#step({ type: 'destinations', live: isLive(outlets) });
    } catch (error) {
      this.#options.log.error(`session: not brought up to date: ${String(error)}`);
    }
    this.#emitPublishers();
  }

  /** @throws StudioError session.not-live when the destination is not part of a running show */
  retry(id: DestinationId): void {
    if (!this.#publishers.retry(id))
      throw new StudioError('session.not-live', 'This destination is not part of a running show. Enable it and go live.');
  }

  #openOutlets(): Outlet[] {
    return this.#publishers.connections.map(({ outlet }) => outlet);
  }

  /** Whatever is found, a rehearsal goes nowhere else. */
  #reconcile(outlets: readonly Outlet[]): void {
    this.#publishers.reconcile(this.#rehearses ? outlets.filter(({ destination }) => destination.id === REHEARSAL_ID) : outlets);
  }

  #begin(rehearses: boolean, prepare: () => Promise<void>): Promise<SessionState> {
    if (this.#state.phase !== 'idle') {
      return Promise.reject(new StudioError('session.already-live', 'A show is running already. Stop it before starting another.'));
    }
    this.#rehearses = rehearses;
    this.#changes += 1; // what is being found out for another show is not for this one
    this.#step({ type: 'start' });
    this.#starting = this.#start(prepare).finally(() => void (this.#starting = null));
    return this.#starting;
  }

  async #start(prepare: () => Promise<void>): Promise<SessionState> {
    const { program, store, clock, log } = this.#options;
    const changes = this.#changes;
    try {
      await prepare();
      const wanted = wantedDestinations(await store.destinations.list(), this.#uplink);
      const outlets = await findOutlets(wanted, this.#options, this.#uplink, 'throw');
      if (outlets.length === 0)
        throw new StudioError('session.no-destination', 'No destination is enabled. Enable one in Destinations, then go live.');
      await program.change({ streaming: true, streams: new Map() }, await activeProfile(store));
      await program.headers(STREAM_RENDITION);
      this.#reconcile(outlets);
      this.#rates.start();
      this.#network = new NetworkWatch(() => this.#onNetworkBack());
      this.#step({ type: 'started', nowUs: clock.nowUs(), live: isLive(outlets) });
      this.#emitPublishers();
      this.started.emit(null);
      if (changes !== this.#changes) await this.refresh(); // edited while the encoder started
      await this.#beginHistory(isLive(outlets));
      log.info(`session: on air to ${outlets.map(({ destination }) => destination.name).join(', ')}`);
      return this.#state;
    } catch (error) {
      try {
        await this.#goOffAir();
      } finally {
        await this.#closeUplink();
        this.#step({ type: 'ended' });
      }
      throw error;
    }
  }

  async #stop(): Promise<void> {
    await this.#starting?.catch(() => {});
    if (this.#state.phase === 'idle') return; // the start has failed meanwhile
    this.#changes += 1;
    this.#step({ type: 'stop' });
    let last: PublisherStatus[] = [];
    try {
      last = await this.#goOffAir();
    } finally {
      await this.#closeUplink();
      await this.#endHistory(last);
      this.#step({ type: 'ended' });
      this.#emitPublishers();
      this.#options.log.info('session: ended');
    }
  }

  /**
   * Asks nothing of the store, and waits for the encoder only when everyone has been left: a show must end whatever else is
   * broken. @returns the last figures of all connections
   */
  async #goOffAir(): Promise<PublisherStatus[]> {
    const { program, log } = this.#options;
    this.#rates.stop();
    this.#network?.dispose();
    this.#network = null;
    const away = this.publishers().filter(({ state }) => state.phase !== 'live'); // closing takes them off the list
    const leaving = this.#publishers.closeAway();
    const ended = program
      .change({ streaming: false })
      .catch((error: unknown) => log.warn(`session: the encoder did not end in order: ${String(error)}`));
    await Promise.race([ended, wait(LAST_PICTURES_MS)]);
    const last = [...away, ...this.publishers()];
    await Promise.all([leaving, this.#publishers.closeAll()]);
    await ended;
    return last;
  }

  #onNetworkBack(): void {
    this.#options.log.info('session: the network is back');
    this.#publishers.retryWaiting();
  }

  async #closeUplink(): Promise<void> {
    const uplink = this.#uplink;
    this.#uplink = null;
    await uplink?.close();
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

  /** A source whose clock jumps at every turn is told of now and then; the figures count them all. */
  #onClockJump({ id, name }: Destination, jump: ClockJump): void {
    const nowUs = this.#options.clock.nowUs();
    if (nowUs - (this.#jumpToldUs.get(id) ?? Number.NEGATIVE_INFINITY) < CLOCK_JUMP_EVERY_US) return;
    this.#jumpToldUs.set(id, nowUs);
    this.#options.activities.add(clockJumpActivity(name, jump));
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
