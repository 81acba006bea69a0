/** What the lab's processes tell each other. Times are milliseconds of the system's monotonic clock, one for all of them. */
import type { Destination, Profile, PublisherStatus } from '../../../src-shared/domain/index.ts';
import type { MediaDemand } from '../../../src-shared/ipc/contract.ts';
import type { LinkDirection } from './link-queue.ts';

export interface LinkEnd {
  namespace: string;
  device: string;
  address: string;
}

export interface LinkArguments {
  /** where the sender is; the process runs in its namespace */
  near: LinkEnd;
  far: LinkEnd;
  /** from near to far; the way back has the same delay and no other limit */
  direction: LinkDirection;
}

export type LinkOrder =
  /** from now on a trace of these opportunities decides; null lifts the limit */
  { type: 'follow'; timesMs: number[] | null } | { type: 'cut'; isCut: boolean };

export type LinkReport = { type: 'ready' } | { type: 'follows'; startMs: number } | { type: 'cut'; atMs: number };

/** One coded picture or sound, as it left the encoder or as its last byte arrived. */
export interface MediaTrail {
  atMs: number;
  kind: 'video' | 'audio';
  key: boolean;
  /** of the picture or sound itself, without any container */
  bytes: number;
  /** tells one from another: CRC-32 of the bytes */
  crc: number;
}

export interface EncodedTrail extends MediaTrail {
  /** decoding time on the engine's clock */
  dtsMs: number;
  renditionId: string | null;
}

export interface ReceivedTrail extends MediaTrail {
  /** RTMP timestamp: its stream's decoding time */
  timestampMs: number;
  /** index into ReceiverLog.sessions */
  session: number;
}

export interface ReceiverOptions {
  host: string;
  port: number;
  /** reads nothing any more once the show has begun */
  stalls?: boolean;
  /** lets a publisher go that has been silent for so long */
  silentMs?: number;
  /** refuses a publisher while it holds another of the same key */
  exclusive?: boolean;
  /** tells how much has arrived, as often as the publisher asks for; true unless said otherwise */
  acknowledges?: boolean;
}

export interface ReceiverSession {
  connectedMs: number;
  /** from its consent to publish; null: it was refused */
  publishedMs: number | null;
  refusedMs: number | null;
  /** null while it lasts */
  endedMs: number | null;
}

export interface ReceiverLog {
  sessions: ReceiverSession[];
  media: ReceivedTrail[];
}

export interface StatusSample {
  atMs: number;
  publishers: PublisherStatus[];
}

export interface ShowLog {
  encoded: EncodedTrail[];
  /** ten a second */
  samples: StatusSample[];
}

export interface ShowOptions {
  dataDirectory: string;
  profile: Profile;
  /** pinned on every connection of the show; null: as the system likes */
  congestionControl: string | null;
  destinations: { destination: Destination; streamKey: string }[];
}

/** What the engine's process holds, after a collection of garbage. */
export interface Resources {
  /** with the buffers beside it, after all garbage has gone */
  heapBytes: number;
  rssBytes: number;
  sockets: number;
  timers: number;
  /** of Node: too many listeners, say */
  warnings: string[];
}

export interface FeedOptions extends MediaDemand {
  url: string;
  origin: string;
  tokens: string[];
}

/** A call to a process of the lab and its answer. */
export interface Order {
  id: number;
  name: string;
  input: unknown;
}

export type Answer = { id: number; value: unknown } | { id: number; error: string };
