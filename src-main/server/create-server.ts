/** The live server, put together: keys and hub in the middle, RTMP and HTTP around them. */
import { randomBytes } from 'node:crypto';
import type { AddressInfo, Server } from 'node:net';
import { StudioError } from '../../src-shared/errors.ts';
import type { ServerFigures, ServerOptions, ServerStreamStats } from '../process/server-contract.ts';
import { Access, APP } from './access/access.ts';
import { AddressLimits } from './access/address-limits.ts';
import { StreamKeys } from './access/stream-keys.ts';
import { Hub } from './hub/hub.ts';
import { createRtmpListener } from './ingest/rtmp-listener.ts';
import { type LadderSurroundings, Ladders } from './ladder/ladders.ts';
import { SERVER_LIMITS, type ServerLimits } from './limits.ts';
import { ServerMetrics } from './metrics/metrics.ts';
import { createHttpServer } from './out/http-server.ts';
import { Recorder } from './record/recorder.ts';
import { planRelays, Relays } from './relay/relays.ts';
import { loadCertificate } from './tls.ts';

export interface LiveServerSurroundings {
  /** directory of the built viewer page */
  viewerRoot: string;
  /** a viewer joined or lost its place: an IDR would help; at most once a second and stream. Null: there is no encoder to ask */
  onIdrWanted: ((stream: string) => void) | null;
  limits?: Partial<ServerLimits>;
  /** a line for whoever runs the server: an origin that cannot be reached, and the like */
  log?(line: string): void;
  ladder?: Omit<LadderSurroundings, 'log'>;
  /** something that costs the user something went wrong, and the server goes on */
  onIncident?(failure: StudioError): void;
}

export interface LiveServer {
  /** rtmp://host:port/live */
  readonly rtmpUrl: string;
  /** rtmps://host:port/live; null without a certificate */
  readonly rtmpsUrl: string | null;
  /** http://host:port, with a certificate https:// */
  readonly httpUrl: string;
  /** Serves exactly these from now on; a publisher whose key changed, and everyone on a stream that is gone, is let go. */
  setStreams(streams: ServerOptions['streams']): void;
  /** Which other qualities there are from now on. */
  setLadder(ladder: ServerOptions['ladder']): void;
  stats(): ServerStreamStats[];
  figures(): ServerFigures;
  close(): Promise<void>;
}

/** @throws StudioError server.port-in-use or server.unavailable when it cannot listen, server.certificate for one that cannot serve */
export async function createLiveServer(options: ServerOptions, surroundings: LiveServerSurroundings): Promise<LiveServer> {
  const limits = { ...SERVER_LIMITS, ...surroundings.limits };
  if (options.secondPublisher === 'take-over') limits.takeOverAfterMs = 0;
  if (options.dvrSeconds !== undefined) limits.hlsWindowMs = options.dvrSeconds * 1_000;
  const { host, tls } = options;
  const { keys, edgeKeys, access, addresses, relayPlan } = guard(options, limits);
  const certificate = tls ? await loadCertificate(tls, Date.now()) : null;
  const hub = new Hub(limits, surroundings.onIdrWanted);
  hub.serve(keys.names);
  const { log = () => {}, onIncident = () => {} } = surroundings;
  const relays = new Relays(relayPlan, hub, limits, log);
  const isEdge = (name: string) => relayPlan.edges.some((edge) => edge.name === name);
  const recorder = options.record
    ? new Recorder(options.record, { hub, limits, isPublished: (name) => !isEdge(name), log, onIncident })
    : null;
  const metrics = new ServerMetrics(hub, limits, recorder);
  const ladders = new Ladders(limits, options.ladder ?? null, { ...surroundings.ladder, log });
  const context = { hub, access, addresses, limits };
  const rtmp = createRtmpListener(context, null);
  const rtmps = certificate && createRtmpListener(context, certificate);
  const http = createHttpServer({
    ...context,
    ladders,
    certificate,
    metrics,
    metricsTo: options.metricsTo ?? 'loopback',
    metricsToken: options.metricsToken ?? null,
    boundHost: host,
    viewerRoot: surroundings.viewerRoot,
    library: recorder?.library ?? null,
  });
  const listeners = [rtmp, http, ...(rtmps ? [rtmps] : [])];
  for (const { server } of listeners) metrics.traffic.watch(server, server === http.server ? 'other' : 'rtmp');
  const close = async () => {
    relays.close();
    const ladderEnds = ladders.close();
    hub.close();
    metrics.dispose();
    for (const listener of listeners) listener.closeAll();
    await Promise.all([ladderEnds, recorder?.close(), ...listeners.map(({ server }) => closed(server))]);
  };
  try {
    await listen(rtmp.server, host, options.rtmpPort, 'RTMP');
    await listen(http.server, host, options.httpPort, certificate ? 'HTTPS' : 'HTTP');
    if (rtmps && tls) await listen(rtmps.server, host, tls.rtmpsPort, 'RTMPS');
  } catch (error) {
    await close().catch(() => {}); // why it did not start is what counts
    throw error;
  }
  return {
    rtmpUrl: `rtmp://${addressOf(rtmp.server)}/${APP}`,
    rtmpsUrl: rtmps && `rtmps://${addressOf(rtmps.server)}/${APP}`,
    httpUrl: `${certificate ? 'https' : 'http'}://${addressOf(http.server)}`,
    setStreams: (streams) => {
      const rekeyed = keys.set([...streams, ...edgeKeys]);
      hub.serve(keys.names);
      relays.follow();
      metrics.follow(keys.names);
      recorder?.follow();
      ladders.forget((stream) => hub.stream(stream.name) === stream);
      for (const name of rekeyed) hub.stream(name)?.dismissPublisher();
    },
    setLadder: (ladder) => ladders.set(ladder ?? null),
    stats: () => hub.stats(),
    figures: () => metrics.figures(),
    close,
  };
}

/** Who is let in, and what comes from elsewhere. @throws StudioError server.unavailable for names, keys, addresses and hooks that cannot be used */
function guard(options: ServerOptions, limits: ServerLimits) {
  const { streams, onPublish, onPlay } = options;
  try {
    if (!onPublish && streams.some(({ key }) => key === null)) throw new RangeError('A stream without a key needs a publish hook.');
    const relayPlan = planRelays(options);
    // watched like any other; nobody knows the key to publish them
    const edgeKeys = relayPlan.edges.map(({ name }) => ({ name, key: randomBytes(32).toString('hex') }));
    const keys = new StreamKeys([...streams, ...edgeKeys]);
    const addresses = new AddressLimits(limits);
    if (options.metricsToken === '') throw new RangeError('The metrics token is empty.');
    return {
      keys,
      addresses,
      relayPlan,
      edgeKeys,
      access: new Access({ keys, addresses, onPublish: onPublish ?? null, onPlay: onPlay ?? null, limits }),
    };
  } catch (error) {
    throw new StudioError('server.unavailable', `The live server cannot start. ${(error as Error).message}`, { cause: error });
  }
}

function listen(server: Server, host: string, port: number, what: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const code = error.code === 'EADDRINUSE' ? 'server.port-in-use' : 'server.unavailable';
      const advice =
        code === 'server.port-in-use'
          ? 'Another program uses it: choose another port, or 0 for a free one.'
          : `The system said ${error.code}.`;
      reject(new StudioError(code, `The live server cannot listen for ${what} on ${host}, port ${port}. ${advice}`, { cause: error }));
    });
    server.listen(port, host, resolve);
  });
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}

/** An address that a client on this machine can use, also when the server listens on all of them. */
function addressOf(server: Server): string {
  const { address, port } = server.address() as AddressInfo;
  const host = address === '0.0.0.0' ? '127.0.0.1' : address === '::' ? '::1' : address;
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
