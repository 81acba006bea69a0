/** The composition root of the engine: makes the parts, joins them, and takes them down in order. */
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Unsubscribe } from '../../src-shared/disposable.ts';
import { AssetId } from '../../src-shared/domain/index.ts';
import { StudioError } from '../../src-shared/errors.ts';
import type { Channel } from '../../src-shared/ipc/channel.ts';
import { type Handlers, serve } from '../../src-shared/ipc/rpc.ts';
import { type Clock, monotonicClock } from '../process/clock.ts';
import type { ServiceHost } from '../process/service.ts';
import type { EngineContext } from './calls/context.ts';
import { makeHandlers } from './calls/handlers.ts';
import { keptShows, lanAllowed, showsKept, studioInfo } from './calls/studio.ts';
import { lockDataDirectory } from './data-lock.ts';
import { EncoderCatalogue } from './encoder/encoder-catalogue.ts';
import { changeActivity } from './encoder/encoder-choices.ts';
import { EncoderSupervisor } from './encoder/encoder-supervisor.ts';
import { EventHub } from './events.ts';
import type { Log } from './log.ts';
import { ActivityLog } from './monitor/activity-log.ts';
import { LatencyMeter } from './monitor/latency-meter.ts';
import { MetricsWatch } from './monitor/metrics-watch.ts';
import { Monitor } from './monitor/monitor.ts';
import { MemorySecrets, type Secrets } from './secrets.ts';
import { LadderSwitch } from './server/ladder-switch.ts';
import { LiveServerSupervisor, type ServerPorts } from './server/live-server-supervisor.ts';
import { activeProfile } from './session/active-profile.ts';
import { ProfileFollower } from './session/profile-follower.ts';
import { Program } from './session/program.ts';
import { Recorder } from './session/recorder.ts';
import { recoverRecordings } from './session/recover-recordings.ts';
import { Session } from './session/session.ts';
import { openStore } from './store/client.ts';
import type { Store } from './store/store.ts';

export interface EngineOptions {
  /** made when it is not there; one engine at a time */
  dataDirectory: string;
  services: ServiceHost;
  host: 'electron' | 'browser';
  version: string;
  /** how pictures and sound reach the encoder: over its own loopback listener, or through ports of the shell */
  media: 'webSocket' | 'port';
  /** whose pages the encoder's listener lets in */
  allowedOrigins: string[];
  log: Log;
  /** in memory when left out */
  secrets?: Secrets;
  /** the usual ones when left out */
  serverPorts?: ServerPorts;
}

export interface Engine {
  readonly handlers: Handlers;
  /** Answers calls on the channel and pushes all events to it, until it closes or the returned function is called. */
  attach(channel: Channel): Unsubscribe;
  /** A picture of the user by its id; null when there is none. */
  readAsset(id: string): Promise<{ bytes: Uint8Array; mimeType: string } | null>;
  /** The system says that the network is back, or that it has woken up: whoever waits for it tries at once. */
  networkBack(): void;
  /** Something was thrown where nobody catches it, and outlived: the user hears of it. */
  noteMistake(error: unknown): void;
  /** Ends show and recording in order, then all processes. Idempotent. */
  dispose(): Promise<void>;
}

/** @throws StudioError store.in-use when another engine has the data directory, or the store's reason */
export async function createEngine(options: EngineOptions): Promise<Engine> {
  const { dataDirectory, log } = options;
  const recordingsDirectory = join(dataDirectory, 'recordings');
  await makeDirectory(recordingsDirectory);
  const lock = await lockDataDirectory(dataDirectory);
  try {
    const store = await openStore(dataDirectory, { log: (line) => log.info(line) });
    try {
      const parts = await assemble(options, store, recordingsDirectory);
      return runningEngine(parts, log, () => lock.release());
    } catch (error) {
      await store.close();
      throw error;
    }
  } catch (error) {
    await lock.release();
    throw error;
  }
}

interface Parts {
  hub: EventHub;
  context: EngineContext;
}

async function assemble(options: EngineOptions, store: Store, recordingsDirectory: string): Promise<Parts> {
  const { services, log, allowedOrigins } = options;
  const clock = monotonicClock();
  const hub = new EventHub(log);
  const { emit } = hub;
  const secrets = options.secrets ?? new MemorySecrets();
  const activities = await ActivityLog.open(store, emit, log);
  for (const failure of store.incidents) activities.add({ level: 'error', subject: 'Data', failure, message: failure.message });
  const recordings = await store.recordings.list();

  const listen = options.media === 'webSocket' ? { host: '127.0.0.1', allowedOrigins } : null;
  const encoders = new EncoderCatalogue({ services, store, version: options.version, log });
  const works = () => encoders.report.encoders.flatMap(({ encoder, available }) => (available ? [encoder] : []));
  const encoder = new EncoderSupervisor({ services, clock, listen, log, works });
  const ports = options.serverPorts ?? { rtmp: null, http: null };
  const shows = { record: keptShows(recordingsDirectory), on: await showsKept(store) };
  const server = new LiveServerSupervisor({ services, clock, ports, log, lan: await lanAllowed(store), shows });
  const ladder = await LadderSwitch.open({ store, encoders, server });
  const latency = new LatencyMeter(clock);
  encoder.packets.on((packet) => latency.arrived(packet)); // before the program hands it out
  const program = new Program(encoder, clock, log);
  const session = new Session({
    program,
    encoder,
    server,
    store,
    secrets,
    activities,
    clock,
    emit,
    log,
    onPublished: (packet) => latency.published(packet),
  });
  const recorder = new Recorder({ program, encoder, store, activities, clock, emit, log, defaultFolder: recordingsDirectory });
  const profiles = new ProfileFollower({
    saved: () => activeProfile(store),
    running: () => program.profile,
    isRecording: () => recorder.state.phase === 'recording',
    apply: (profile, isNew) => session.follow(profile, isNew),
    activities,
    log,
  });
  const metrics = await MetricsWatch.open({ store, activities, emit, log });
  const monitor = makeMonitor({ clock, emit, log, session, recorder, store, recordingsDirectory, encoder, server, latency, metrics });

  program.demandChanged.on((demand) => emit('media.demand', demand));
  session.started.on(() => void profiles.refresh()); // it may have been saved while the show began
  recorder.started.on(() => void profiles.refresh());
  encoder.replaced.on((failure) => {
    emit('media.reopen', null);
    activities.add({ level: 'error', subject: 'Encoder', failure, message: failure.message });
  });
  encoders.changed.on((report) => emit('encoders.changed', report));
  encoder.failed.on(({ failure }) => activities.add({ level: 'error', subject: 'Encoder', failure, message: failure.message }));
  encoder.changed.on((change) => activities.add(changeActivity(change)));
  session.started.on((over) => void recorder.joinStream(over).catch((error: unknown) => log.warn(`recording: ${String(error)}`)));
  server.incidents.on((failure) => activities.add({ level: 'warning', subject: 'Live server', failure, message: failure.message }));
  const { host, version, dataDirectory } = options;
  server.changed.on(() => emit('studio.changed', studioInfo({ host, version, dataDirectory, recordingsDirectory, server, ladder })));
  server.start();
  if (process.env['TIDECAST_ENCODER_PROBE'] !== 'when-asked') encoders.begin();
  void recoverRecordings(recordings, { store, activities, emit, log }); // beside the studio: a slow drive must not delay it

  return {
    hub,
    context: {
      host,
      version,
      dataDirectory,
      recordingsDirectory,
      store,
      secrets,
      encoder,
      encoders,
      server,
      ladder,
      program,
      profiles,
      session,
      recorder,
      monitor,
      metrics,
      activities,
      emit,
    },
  };
}

function makeMonitor(parts: {
  clock: Clock;
  emit: EventHub['emit'];
  log: Log;
  session: Session;
  recorder: Recorder;
  store: Store;
  recordingsDirectory: string;
  encoder: EncoderSupervisor;
  server: LiveServerSupervisor;
  latency: LatencyMeter;
  metrics: MetricsWatch;
}): Monitor {
  const { clock, emit, log, session, recorder, store, recordingsDirectory, encoder, server, latency, metrics } = parts;
  return new Monitor({
    clock,
    emit,
    log,
    folder: async () => (await activeProfile(store).catch(() => null))?.recording.folder || recordingsDirectory,
    session: () => session.state,
    recorder: () => recorder.state,
    publishers: () => session.publishers(),
    link: () => session.link,
    encoder: () => encoder.stats,
    latency: () => latency.latency,
    server: () => server.figures,
    metrics,
  });
}

function runningEngine({ hub, context }: Parts, log: Log, release: () => Promise<void>): Engine {
  const handlers = makeHandlers(context);
  let disposed: Promise<void> | null = null;
  return {
    handlers,
    attach(channel) {
      const unserve = serve(channel, handlers, (line) => log.warn(line));
      const unlisten = hub.add(channel);
      return () => {
        unserve();
        unlisten();
      };
    },
    async readAsset(id) {
      const found = await context.store.assets.find(AssetId.parse(id));
      return found && { bytes: await readFile(found.path), mimeType: found.asset.mimeType };
    },
    networkBack: () => context.session.networkBack(),
    noteMistake(error) {
      log.error(`engine: outlived a mistake: ${error instanceof Error ? error.stack : String(error)}`);
      const message = 'Tidecast made a mistake and goes on. Should something not work now, end the show and start Tidecast again.';
      context.activities.add({ level: 'error', subject: 'Studio', failure: { code: 'internal', message }, message });
    },
    dispose: () =>
      (disposed ??= dispose(context, log).finally(() => {
        hub.closeAll();
        return release();
      })),
  };
}

/** What the user would lose comes first; a part that fails to end does not keep the others from it. */
async function dispose(
  { recorder, session, monitor, encoder, encoders, server, activities, store }: EngineContext,
  log: Log,
): Promise<void> {
  const steps: (() => unknown)[] = [
    () => server.expectEnd(),
    () => (session.state.phase === 'idle' ? undefined : session.stop()),
    () => recorder.dispose(),
    () => monitor.dispose(),
    () => Promise.all([encoder.dispose(), encoders.dispose(), server.dispose()]),
    () => session.settled(),
    () => activities.settled(),
    () => store.close(),
  ];
  for (const step of steps) {
    try {
      await step();
    } catch (error) {
      log.error(`engine: a part did not end in order: ${String(error)}`);
    }
  }
}

async function makeDirectory(path: string): Promise<void> {
  await mkdir(path, { recursive: true }).catch((cause: unknown) => {
    throw new StudioError(
      'record.folder',
      `The data folder cannot be made at ${path}. Check its rights, or choose another with --data-dir.`,
      { cause },
    );
  });
}
