/** Rate control of a show: the governor with its clockwork, its measurements and its hold on the program. */
import { DEFAULT_PROFILE, type Profile, type PublisherRate, REHEARSAL_ID } from '../../../src-shared/domain/index.ts';
import type { Clock } from '../../process/clock.ts';
import type { EncoderSupervisor } from '../encoder/encoder-supervisor.ts';
import type { Log } from '../log.ts';
import type { ActivityLog } from '../monitor/activity-log.ts';
import { PRESSURE_EVERY_MS } from '../rate-control/pressure.ts';
import { type TidecastState, tidecast } from '../rate-control/tidecast.ts';
import { STREAM_RENDITION } from '../rendition/plan.ts';
import type { Bases } from './bases.ts';
import { CodecFallbacks } from './codec-fallbacks.ts';
import { cpuTimes, Headroom } from './headroom.ts';
import { LoadGuard } from './load-guard.ts';
import type { Program } from './program.ts';
import { pausedActivity } from './publisher-activity.ts';
import type { Connection, PublisherSet } from './publisher-set.ts';
import { RateGovernor } from './rate-governor.ts';
import { StreamEncodes } from './stream-encodes.ts';
import { TracksRelief } from './tracks-relief.ts';

/** The tags and chunk headers of RTMP, beside the sound. */
const PACKAGING_KBPS = 10;
const CPU_EVERY_MS = 1_000;

export interface ShowRatesOptions {
  program: Program;
  publishers: PublisherSet;
  encoder: Pick<EncoderSupervisor, 'stats'>;
  activities: ActivityLog;
  clock: Clock;
  log: Log;
}

export class ShowRates {
  readonly #options: ShowRatesOptions;
  readonly #encodes: StreamEncodes;
  readonly #headroom = new Headroom();
  #governor: RateGovernor<TidecastState>;
  #guard: LoadGuard;
  #fallbacks: CodecFallbacks;
  /** of the show */
  #profile: Profile = DEFAULT_PROFILE;
  #tracks: TracksRelief;
  #timers: NodeJS.Timeout[] = [];
  #failed = false;

  constructor(options: ShowRatesOptions) {
    this.#options = options;
    this.#encodes = new StreamEncodes(options);
    this.#governor = this.#makeGovernor();
    this.#guard = this.#makeGuard();
    this.#fallbacks = this.#makeFallbacks();
    this.#tracks = this.#makeTracksRelief();
  }

  rate(connection: Connection): PublisherRate {
    return this.#governor.rate(connection);
  }

  /** The embedded server wants an IDR, of the encode that it gets. */
  requestRehearsalIdr(): void {
    const { program, publishers } = this.#options;
    const rehearsal = publishers.connections.find(({ outlet }) => outlet.destination.id === REHEARSAL_ID);
    program.requestIdr(rehearsal?.renditionId ?? STREAM_RENDITION);
  }

  /** The show is on air, with these encodes. */
  start(bases: Bases): void {
    this.stop();
    this.#encodes.reset(bases);
    this.#headroom.forget();
    this.#failed = false;
    this.#profile = this.#options.program.profile ?? DEFAULT_PROFILE;
    this.#governor = this.#makeGovernor();
    this.#guard = this.#makeGuard();
    this.#guard.settle(this.#options.clock.nowUs());
    this.#fallbacks = this.#makeFallbacks();
    this.#tracks = this.#makeTracksRelief();
    this.#tick();
    this.#timers = [setInterval(() => this.#tick(), PRESSURE_EVERY_MS), setInterval(() => this.#measure(), CPU_EVERY_MS)];
  }

  /** Opens what is needed for connections that are about to come; what does not come up in time they wait for. Never rejects. */
  async hold(bases: Bases): Promise<void> {
    const { program, log } = this.#options;
    if (bases.size === 0) return;
    try {
      await this.#remeasured(this.#encodes.hold(bases));
      for (const id of bases.keys()) await program.headers(id);
    } catch (error) {
      log.warn(`encodes: not there yet for a destination: ${String(error)}`);
    }
  }

  /** They have come. @param bases as held */
  release(bases: Bases): void {
    this.#encodes.release(bases);
  }

  /** The show goes on with another profile. @param isNew as for StreamEncodes @throws StudioError why an encode does not come up */
  async follow(profile: Profile, isNew: boolean): Promise<void> {
    this.#profile = profile;
    const followed = this.#remeasured(this.#encodes.follow(profile, isNew));
    if (isNew) this.#guard = this.#makeGuard();
    await followed;
    if (isNew) this.#guard.settle(this.#options.clock.nowUs());
  }

  /** The show is over; a recording that goes on with its encode has the profile's bitrate again. */
  stop(): void {
    for (const timer of this.#timers.splice(0)) clearInterval(timer);
    this.#encodes.reset(); // what is under way moves nobody any more
    const { program } = this.#options;
    if (program.wants.recording === 'shared' && program.profile) program.setBitrate(STREAM_RENDITION, program.profile.video.bitrateKbps);
  }

  /** Who gets nothing comes before who gets too much. */
  #tick(): void {
    this.#safely(() => this.#fallbacks.tick());
    this.#safely(() => this.#governor.tick());
    this.#safely(() => this.#tracks.tick());
  }

  /** Rates that stay as they are lose less than a show that ends: a mistake of ours is told, once. */
  #safely(step: () => void): void {
    try {
      step();
    } catch (error) {
      if (!this.#failed) this.#options.log.error(`rates: ${error instanceof Error ? error.stack : String(error)}`);
      this.#failed = true;
    }
  }

  #measure(): void {
    this.#headroom.add(cpuTimes());
    this.#safely(() => this.#guard.tick(this.#options.clock.nowUs()));
  }

  #makeFallbacks(): CodecFallbacks {
    const { publishers, clock } = this.#options;
    const encodes = this.#encodes;
    return new CodecFallbacks({
      connections: () => publishers.connections,
      encodes: {
        get busy() {
          return encodes.busy;
        },
        fallBack: (connections) => this.#remeasured(encodes.fallBack(connections)),
      },
      nowUs: () => clock.nowUs(),
    });
  }

  #makeTracksRelief(): TracksRelief {
    const { publishers, clock, activities } = this.#options;
    return new TracksRelief({
      connections: () => publishers.connections,
      rate: (connection) => this.#governor.rate(connection),
      pause: (connection, isPaused) => publishers.pauseTracks(connection, isPaused),
      nowUs: () => clock.nowUs(),
      tell: ({ outlet: { destination } }, isPaused) => activities.add(pausedActivity(destination.name, isPaused)),
    });
  }

  #makeGuard(): LoadGuard {
    const { encoder, activities } = this.#options;
    return new LoadGuard({
      video: this.#profile.video,
      stats: () => encoder.stats,
      mayChangeFormat: () => this.#governor.mayChangeFormat,
      busy: () => this.#encodes.busy,
      setRelief: (relief) => this.#remeasured(this.#encodes.setRelief(relief)),
      tell: (activity) => activities.add(activity),
    });
  }

  #makeGovernor(): RateGovernor<TidecastState> {
    const { program, publishers, activities, clock, log } = this.#options;
    const encodes = this.#encodes;
    const show = () => this.#profile;
    return new RateGovernor({
      controller: tidecast,
      encodes: {
        get busy() {
          return encodes.busy;
        },
        format: (id) => encodes.format(id),
        setBitrate: (id, bitrateKbps) => program.setBitrate(id, bitrateKbps),
        split: (connection, bitrateKbps) => this.#remeasured(encodes.split(connection, bitrateKbps)),
        join: (connection) => this.#remeasured(encodes.join(connection)),
        place: (connection) => this.#remeasured(encodes.place(connection)),
        setFormat: (id, format) => this.#remeasured(encodes.setFormat(id, format)),
        prune: () => encodes.prune(),
      },
      get show() {
        const { video, audio } = show();
        return { videoKbps: video.bitrateKbps, format: video, otherKbps: audio.bitrateKbps + PACKAGING_KBPS };
      },
      connections: () => publishers.connections,
      nowUs: () => clock.nowUs(),
      headroom: () => this.#headroom.allows(this.#encodeCores()),
      overloaded: () => this.#headroom.isShort,
      reliefFormat: () => this.#guard.format,
      isRecorded: () => program.wants.recording === 'shared' || program.wants.recording === 'moving',
      tell: ({ outlet: { destination } }, message, event) => {
        log.info(`${destination.name}: ${message}`);
        activities.add({ level: 'info', subject: destination.name, failure: null, message, event });
      },
    });
  }

  #remeasured<T>(change: Promise<T>): Promise<T> {
    this.#headroom.forget();
    return change.finally(() => this.#headroom.forget());
  }

  /** What one more encode of the stream would take, by what the encoder process takes for those there are. */
  #encodeCores(): number {
    const { program, encoder } = this.#options;
    return encoder.stats.cpuPct / 100 / Math.max(1, program.encodes);
  }
}
