/** Messages between the engine and the live server process. */
import type { ErrorCode } from '../../src-shared/errors.ts';

export interface ServerOptions {
  /** loopback unless the user opened the server to the LAN */
  host: string;
  /** 0 picks a free port */
  rtmpPort: number;
  httpPort: number;
  /** stream names that may be published, and the key each needs; with none, nothing can be published */
  streams: { name: string; key: string }[];
}

export interface ServerStreamStats {
  name: string;
  publishing: boolean;
  viewers: number;
  bitrateKbps: number;
  gopCacheBytes: number;
  gopCacheMs: number;
}

export type ToServer =
  | { type: 'start'; options: ServerOptions }
  | { type: 'streams'; streams: ServerOptions['streams'] }
  | { type: 'stop' };

export type FromServer =
  /** `rtmpUrl` rtmp://host:port/live, `httpUrl` http://host:port */
  | { type: 'ready'; rtmpUrl: string; httpUrl: string; pid: number }
  | { type: 'failed'; code: ErrorCode; message: string }
  | { type: 'stats'; streams: ServerStreamStats[] }
  /** a viewer joined or lost its place: an IDR would help; rate-limited by the server */
  | { type: 'idr-wanted'; stream: string };
