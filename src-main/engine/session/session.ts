/** A show: from Go live to its end, over the destinations that are enabled. */
import { setTimeout as wait } from 'node:timers/promises';
import { Emitter } from '../../../src-shared/disposable.ts';
import {
  type Destination,
  type DestinationId,
  type LinkProfileId,
  type LinkState,
  type Profile,
  type PublisherStatus,
  type RatePolicy,
  REHEARSAL_ID,
  type RenditionId,
  renditionOf,
  type SessionState,
} from '../../../src-shared/domain/index.ts';
import { StudioError } from '../../../src-shared/errors.ts';
import type { Clock } from '../../process/clock.ts';
import type { VideoPacket } from '../../process/packet.ts';
import type { EncoderSupervisor } from '../encoder/encoder-supervisor.ts';
import type { Emit } from '../events.ts';
import type { Log } from '../log.ts';
import type { ActivityLog } from '../monitor/activity-log.ts';
import type { Secrets } from '../secrets.ts';
import type { LiveServerSupervisor } from '../server/live-server-supervisor.ts';
import type { Store } from '../store/store.ts';
import { activeProfile } from './active-profile.ts';
import { comeUp } from './bases.ts';
import { NetworkWatch } from './network-watch.ts';
import { basesOf, findOutlets, isLive, type Outlet, trackBasesOf, trackSoundsOf, wantedDestinations } from './outlets.ts';
import type { Program } from './program.ts';
import { PublisherSet } from './publisher-set.ts';
import { RehearsalUplink } from './rehearsal-uplink.ts';
import { nextSession, type SessionEvent } from './session-state.ts';
import { leaveAll, putAway } from './show-end.ts';
import { ShowNews } from './show-news.ts';
import { ShowRates } from './show-rates.ts';
import { ShowRecord } from './show-record.ts';
import { wantsOf } from './stream-encodes.ts';
import { unlessAborted } from './unless-aborted.ts';

/** What has not ended so long after the call is put away while the next show may begin already. */
const END_MS = 1_800;
/** nothing that a show before has changed */
const NEW_SHOW = { ordinary: new Set<RenditionId>(), ordinarySound: false, relief: null };

export interface SessionOptions {
  program: Program;
  encoder: Pick<EncoderSupervisor, 'stats' | 'replaced'>;
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
  /** a show is on air; the signal fires when it goes off */
  readonly started = new Emitter<AbortSignal>();
  readonly #options: SessionOptions;
  readonly #publishers: PublisherSet;
  readonly #rates: ShowRates;
  /** how often the destinations, or the show itself, have changed */
  #changes = 0;
  #network: NetworkWatch | null = null;
  #state: SessionState = { phase: 'idle' };
  /** of a network rehearsal; null in a show */
  #uplink: RehearsalUplink | null = null;
  /** from the call on, before there is an uplink */
  #rehearses = false;
  #record: ShowRecord | null = null;
  #starting: Promise<SessionState> | null = null;
  #over = new AbortController();
  #stopping: Promise<void> | null = null;
  /** what shows before have left to be put away */
  #finishing: Promise<unknown> = Promise.resolve();

  constructor(options: SessionOptions) {
    this.#options = options;
    const { program, encoder, activities, clock, log, server, onPublished } = options;
    const news = new ShowNews({ activities, clock, record: () => this.#record });
    this.#publishers = new PublisherSet({
      program,
      clock,
      log,
      onPublished,
      onChange: (destination, before, after) => {
        news.state(destination, before, after);
        this.#emitPublishers();
      },
      onClockJump: (destination, jump) => news.clockJump(destination, jump),
      onTracksLeftOut: (destination, refusal) => {
        news.tracksLeftOut(destination, refusal);
        this.#emitPublishers();
      },
      onCodecRefused: (connection, refusal) => {
        news.codecRefused(connection, refusal);
        this.#emitPublishers();
      },
    });
    this.#rates = new ShowRates({ program, publishers: this.#publishers, encoder, activities, clock, log });
    server.changed.on((running) => void (running && this.refresh()));
    encoder.replaced.on((failure) => this.#record?.note(failure));
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
      ...(connection.codecFallback && { codecFallback: connection.codecFallback }),
      ...(connection.tracks.status && { tracks: connection.tracks.status }),
    }));
  }

  /** the made-up uplink of a network rehearsal, or null */
  get link(): LinkState | null {
    return this.#uplink?.state ?? null;
  }

  /** To all enabled destinations. @throws StudioError session.already-live, session.no-destination, server.unavailable, or the encoder's reason */
  start(): Promise<SessionState> {
    return this.#begin(false, () => Promise.resolve(null));
  }

  /** To the embedded live server alone, whatever is enabled. @param rate of this rehearsal only @throws as `start` */
  rehearse(link: LinkProfileId | null, rate: RatePolicy | null = null): Promise<SessionState> {
    const { server, log } = this.#options;
    return this.#begin(true, () => RehearsalUplink.open(server, link, rate, log));
  }

  /** @throws StudioError session.not-live when no network rehearsal runs */
  changeLink(link: LinkProfileId | null): void {
    if (!this.#uplink || this.#state.phase !== 'on-air')
      throw new StudioError('session.not-live', 'No network rehearsal is running. Start one to try a link.');
    this.#uplink.change(link);
    this.#options.log.info(`session: rehearsal over ${link ?? 'no made-up link'}`);
  }

  /**
   * Says goodbye everywhere; recordings go on. Everyone has been left after 2 s at the latest, and another show may begin,
   * whatever is still to be put away (`finishing`). @throws StudioError session.not-live
   */
  stop(): Promise<void> {
    if (this.#stopping) return this.#stopping;
    if (this.#state.phase === 'idle') return Promise.reject(new StudioError('session.not-live', 'No show is running.'));
    this.#stopping = this.#stop().finally(() => void (this.#stopping = null));
    return this.#stopping;
  }

  /** Resolves when nothing of an ended show is left to be put away. Never rejects. */
  async settled(): Promise<void> {
    await this.#finishing;
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
      const bases = basesOf(this.#publishers.unplaced(outlets));
      await this.#rates.hold(bases);
      if (!isOver()) this.#reconcile(outlets);
      this.#rates.release(bases);
      if (isOver()) return;
      this.#step({ type: 'destinations', live: isLive(outlets) });
    } catch (error) {
      this.#options.log.error(`session: not brought up to date: ${String(error)}`);
    }
    this.#emitPublishers();
  }

  /** What runs goes on with another profile. @param isNew as for StreamEncodes @throws StudioError why an encode does not come up */
  follow(profile: Profile, isNew: boolean): Promise<void> {
    const { program } = this.#options;
    return this.#state.phase === 'on-air' ? this.#rates.follow(profile, isNew) : program.follow(profile).then(() => program.allHeaders());
  }

  /** @throws StudioError session.not-live when the destination is not part of a running show */
  retry(id: DestinationId): void {
    if (!this.#publishers.retry(id))
      throw new StudioError('session.not-live', 'This destination is not part of a running show. Enable it and go live.');
  }

  /** The page or the shell has heard from the system that the network is back. Whoever waits tries at once. */
  networkBack(): void {
    this.#network?.report();
  }

  #openOutlets(): Outlet[] {
    return this.#publishers.connections.map(({ outlet }) => outlet);
  }

  /** Whatever is found, a rehearsal goes nowhere else. */
  #reconcile(outlets: readonly Outlet[]): void {
    this.#publishers.reconcile(this.#rehearses ? outlets.filter(({ destination }) => destination.id === REHEARSAL_ID) : outlets);
  }

  #begin(rehearses: boolean, prepare: () => Promise<RehearsalUplink | null>): Promise<SessionState> {
    if (this.#state.phase !== 'idle') {
      return Promise.reject(new StudioError('session.already-live', 'A show is running already. Stop it before starting another.'));
    }
    this.#rehearses = rehearses;
    this.#changes += 1; // what is being found out for another show is not for this one
    this.#step({ type: 'start' });
    this.#over = new AbortController();
    this.#starting = this.#start(prepare, this.#over.signal).finally(() => void (this.#starting = null));
    return this.#starting;
  }

  async #start(prepare: () => Promise<RehearsalUplink | null>, over: AbortSignal): Promise<SessionState> {
    const { program, store, activities, clock, log } = this.#options;
    const changes = this.#changes;
    const still = <T>(work: Promise<T>) => unlessAborted(work, over);
    try {
      this.#uplink = await still(closedWhenLate(prepare(), over));
      const wanted = wantedDestinations(await still(store.destinations.list()), this.#uplink);
      const outlets = await still(findOutlets(wanted, this.#options, this.#uplink, 'throw'));
      if (outlets.length === 0)
        throw new StudioError('session.no-destination', 'No destination is enabled. Enable one in Destinations, then go live.');
      const profile = await still(activeProfile(store));
      const bases = basesOf(outlets);
      const encodes = new Map([...trackBasesOf(outlets), ...bases]);
      const wants = { ...NEW_SHOW, ...wantsOf(encodes), trackSounds: trackSoundsOf(outlets), streaming: true };
      await still(program.change(wants, profile));
      const late = await still(comeUp(program, bases));
      for (const { destination } of outlets) {
        const failure = late.get(renditionOf(destination.video));
        if (failure) activities.add({ level: 'warning', subject: destination.name, failure, message: failure.message });
      }
      this.#reconcile(outlets);
      this.#rates.start(encodes);
      this.#network = new NetworkWatch(() => this.#onNetworkBack());
      this.#step({ type: 'started', nowUs: clock.nowUs(), live: isLive(outlets) });
      this.#record = new ShowRecord(store, log, isLive(outlets));
      this.#emitPublishers();
      this.started.emit(over);
      if (changes !== this.#changes) await still(this.refresh()); // edited while the encoder started
      log.info(`session: on air to ${outlets.map(({ destination }) => destination.name).join(', ')}`);
      return this.#state;
    } catch (error) {
      await this.#end();
      throw error;
    }
  }

  /** A show that is still starting ends itself. */
  async #stop(): Promise<void> {
    this.#step({ type: 'stop' });
    if (this.#starting) {
      this.#over.abort(new StudioError('session.not-live', 'The show was ended before it had begun.'));
      await this.#starting.catch(() => {});
    }
    if (this.#state.phase === 'stopping') await this.#end();
  }

  /** Within END_MS, whatever is broken. */
  async #end(): Promise<void> {
    this.#changes += 1;
    const { program, encoder, log } = this.#options;
    const remains = { uplink: this.#uplink, record: this.#record, figures: encoder.stats, log };
    const isLate = wait(END_MS, true, { ref: false });
    this.#over.abort();
    this.#rates.stop();
    this.#network?.dispose();
    this.#network = null;
    const leaving = leaveAll({ program, publishers: this.#publishers, statuses: () => this.publishers(), log });
    const finishing = Promise.allSettled([this.#finishing, putAway(leaving, remains)]).then(() => false);
    this.#finishing = finishing;
    const isFinishing = await Promise.race([finishing, isLate]);
    this.#uplink = null;
    this.#record = null;
    this.#step({ type: 'ended', finishing: isFinishing });
    this.#emitPublishers();
    log.info(isFinishing ? 'session: off the air; its end takes longer' : 'session: ended');
    if (isFinishing) void finishing.then(() => this.#finishing === finishing && this.#step({ type: 'finished' }));
  }

  #onNetworkBack(): void {
    this.#options.log.info('session: the network is back');
    this.#publishers.retryWaiting();
  }

  #step(event: SessionEvent): void {
    const next = nextSession(this.#state, event);
    if (next === this.#state) return;
    this.#state = next;
    this.#options.emit('session.changed', next);
  }

  #emitPublishers(): void {
    this.#options.emit('publishers.changed', this.publishers());
  }
}

/** An uplink that opens when nobody wants it any more is closed again. */
function closedWhenLate(opening: Promise<RehearsalUplink | null>, over: AbortSignal): Promise<RehearsalUplink | null> {
  return opening.then(async (uplink) => {
    if (over.aborted) await uplink?.close();
    return uplink;
  });
}
