/** The live server, put together: keys and hub in the middle, RTMP and HTTP around them. */
import type { AddressInfo, Server } from 'node:net';
import { StudioError } from '../../src-shared/errors.ts';
import type { ServerFigures, ServerOptions, ServerStreamStats } from '../process/server-contract.ts';
import { Hub } from './hub/hub.ts';
import { createRtmpListener } from './ingest/rtmp-listener.ts';
import { APP } from './ingest/rtmp-session.ts';
import { SERVER_LIMITS, type ServerLimits } from './limits.ts';
import { ServerMetrics } from './metrics/metrics.ts';
import { createHttpServer } from './out/http-server.ts';
import { StreamKeys } from './stream-keys.ts';

export interface LiveServerSurroundings {
  /** directory of the built viewer page */
  viewerRoot: string;
  /** a viewer joined or lost its place: an IDR would help; at most once a second and stream */
  onIdrWanted(stream: string): void;
  limits?: Partial<ServerLimits>;
}

export interface LiveServer {
  /** rtmp://host:port/live */
  readonly rtmpUrl: string;
  /** http://host:port */
  readonly httpUrl: string;
  /** Serves exactly these from now on; a publisher whose key changed, and everyone on a stream that is gone, is let go. */
  setStreams(streams: ServerOptions['streams']): void;
  stats(): ServerStreamStats[];
  figures(): ServerFigures;
  close(): Promise<void>;
}

/** @throws StudioError server.port-in-use or server.unavailable when it cannot listen */
export async function createLiveServer(options: ServerOptions, surroundings: LiveServerSurroundings): Promise<LiveServer> {
  const limits = { ...SERVER_LIMITS, ...surroundings.limits };
  const keys = parseStreams(options.streams);
  const hub = new Hub(limits, surroundings.onIdrWanted);
  hub.serve(keys.names);
  const metrics = new ServerMetrics(hub, limits);
  const rtmp = createRtmpListener({ hub, keys, limits });
  const http = createHttpServer({
    hub,
    limits,
    metrics,
    metricsTo: options.metricsTo ?? 'loopback',
    boundHost: options.host,
    viewerRoot: surroundings.viewerRoot,
  });
  metrics.traffic.watch(rtmp.server, 'rtmp');
  metrics.traffic.watch(http, 'other');
  const close = async () => {
    hub.close();
    metrics.dispose();
    rtmp.closeAll();
    http.closeAllConnections();
    await Promise.all([closed(rtmp.server), closed(http)]);
  };
  try {
    await listen(rtmp.server, options.host, options.rtmpPort, 'RTMP');
    await listen(http, options.host, options.httpPort, 'HTTP');
  } catch (error) {
    await close();
    throw error;
  }
  return {
    rtmpUrl: `rtmp://${addressOf(rtmp.server)}/${APP}`,
    httpUrl: `http://${addressOf(http)}`,
    setStreams: (streams) => {
      const rekeyed = keys.set(streams);
      hub.serve(keys.names);
      for (const name of rekeyed) hub.stream(name)?.dismissPublisher();
    },
    stats: () => hub.stats(),
    figures: () => metrics.figures(),
    close,
  };
}

function parseStreams(streams: ServerOptions['streams']): StreamKeys {
  try {
    return new StreamKeys(streams);
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
