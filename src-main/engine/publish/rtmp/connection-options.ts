/** What a connection is made with, and whom it tells. */
import type { Socket } from 'node:net';
import type { StudioError } from '../../../../src-shared/errors.ts';
import type { EnhancedNeeds } from '../../../wire/rtmp/enhanced.ts';
import type { RtmpUrl } from './url.ts';

export interface ConnectionOptions {
  url: RtmpUrl;
  streamKey: string;
  connectTimeoutMs: number;
  replyTimeoutMs: number;
  stallMs: number;
  tlsCa: string | string[] | null;
  /** what the show is made of; left out: H.264 and AAC */
  needs?: EnhancedNeeds;
  /** the server takes what it is silent about; false: it is not asked, and gets nothing beyond H.264 and AAC */
  takesEnhanced?: boolean | undefined;
  /** known of the platform: it takes HEVC and the like though it may not say so; nothing is known of several tracks */
  takesCodecs?: boolean;
  /** what is going to be sent, sound and all, until `setRate` says; an ordinary show if not given */
  startKbps?: number;
  /** for tests of counters that begin anew: bytes taken as sent and acknowledged before this connection's first */
  countFromBytes?: number;
  signal: AbortSignal;
  /** TCP that is open already, to be used instead of a new one; for this connection to close */
  open?: Socket | null;
  log?: (line: string) => void;
  /** asked with the IP address that the server turned out to have, before anything is said to it */
  mayGoTo?: (address: string) => boolean;
  /** the server's port has; what follows may still go wrong */
  onAnswered: () => void;
  /** The server asks for a new connection while this one goes on. `tcUrl`: where to, maybe relative to this one's; empty: to the same */
  onReconnectRequest: (tcUrl: string) => void;
  /** once, when a live connection is lost; never after `close` */
  onLost: (failure: StudioError) => void;
  /** the socket has taken bytes, or the server has acknowledged some: there may be room for more */
  onProgress: () => void;
}
