/** Messages between the engine and the live server process. */
import type { LadderStep } from '../../src-shared/domain/ladder.ts';
import type { VideoEncoderName } from '../../src-shared/domain/video-encoder.ts';
import type { ErrorCode } from '../../src-shared/errors.ts';

export interface ServerOptions {
  /** loopback unless the user opened the server to the LAN */
  host: string;
  /** 0 picks a free port */
  rtmpPort: number;
  httpPort: number;
  /**
   * stream names that may be published, and the key each needs, null where `onPublish` decides alone; with none,
   * nothing can be published. With a play key, who watches needs one too
   */
  streams: { name: string; key: string | null; playKey?: string }[];
  /** streams that nobody publishes here: fetched from another server (RTMP or HTTP-FLV) while somebody watches */
  edges?: { name: string; from: string }[];
  /** streams that are passed on to another server by RTMP while they are on the air; the address may hold a key */
  forwards?: { name: string; to: string }[];
  /** RTMPS beside RTMP, and HTTPS in place of HTTP */
  tls?: { certFile: string; keyFile: string; rtmpsPort: number };
  /** http or https addresses that are asked before anyone publishes or plays */
  onPublish?: string;
  onPlay?: string;
  /** when a publisher comes for a stream that another one is sending: `refuse` unless given */
  secondPublisher?: 'refuse' | 'take-over';
  /** who may read /metrics: this machine alone unless said otherwise */
  metricsTo?: 'loopback' | 'all';
  /** then whoever shows it (`Authorization: Bearer`) may read /metrics, from anywhere, and nobody else */
  metricsToken?: string;
  /** null or left out: the publisher's quality alone */
  ladder?: LadderSettings | null | undefined;
  /** what publishers send is kept, to be watched again; null or left out: nothing is */
  record?: RecordOptions | null | undefined;
  /** how far back a live HLS viewer may go, as far as memory reaches: 60 unless given */
  dvrSeconds?: number;
}

export interface RecordOptions {
  /** of this server alone; made when the first show begins */
  directory: string;
  /** left out: all streams that are published here */
  streams?: string[];
  /** of all shows together: above it the oldest go */
  maxBytes?: number;
  /** older shows go */
  keepDays?: number;
}

/** Other qualities, made while they are watched. */
export interface LadderSettings {
  /** auto: up to three, by the publisher's size; else those of these that are smaller */
  rungs: 'auto' | LadderStep[];
  /** in the order in which they are tried, libx264 behind them; auto: the server finds out which this machine has */
  encoders: 'auto' | VideoEncoderName[];
}

export interface ServerStreamStats {
  name: string;
  publishing: boolean;
  viewers: number;
  bitrateKbps: number;
  gopCacheBytes: number;
  gopCacheMs: number;
}

/** The median of the players, and the worst one. */
export interface Spread {
  median: number;
  worst: number;
}

export interface QoeFigures {
  /** players heard of lately */
  players: number;
  startupMs: Spread | null;
  glassMs: Spread | null;
  /** of the time since each began, how much it stood still */
  stalledPct: Spread | null;
}

/** Of the whole server. Counters count since it began. */
export interface ServerFigures {
  /** when these were taken, by a clock of the server's own that does not jump */
  timeMs: number;
  /** streams that are being published */
  publishers: number;
  viewers: { flv: number; hls: number; rtmp: number };
  inBytes: number;
  outBytes: number;
  /** user and system time */
  cpuUs: number;
  rssBytes: number;
  /** over the last second */
  loopDelayP99Ms: number;
  /** media that waits for the slowest viewer */
  viewerQueueMs: number;
  /** that slow viewers went without */
  droppedFrames: number;
  /** of players */
  stalls: number;
  reconnects: number;
  qoe: QoeFigures;
}

export type ToServer =
  | { type: 'start'; options: ServerOptions }
  | { type: 'streams'; streams: ServerOptions['streams'] }
  | { type: 'ladder'; ladder: LadderSettings | null }
  | { type: 'stop' };

export type FromServer =
  /** `rtmpUrl` rtmp://host:port/live, `httpUrl` http://host:port */
  | { type: 'ready'; rtmpUrl: string; httpUrl: string; pid: number }
  | { type: 'failed'; code: ErrorCode; message: string }
  | { type: 'stats'; streams: ServerStreamStats[]; figures: ServerFigures }
  /** a viewer joined or lost its place: an IDR would help; rate-limited by the server */
  | { type: 'idr-wanted'; stream: string }
  /** something that costs the user something went wrong, and the server goes on: a recording stopped */
  | { type: 'incident'; code: ErrorCode; message: string };
