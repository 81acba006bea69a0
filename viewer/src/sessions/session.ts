/** One connection to the stream, from opening to its end, whatever the protocol. */
import type { Protocol } from '../choose-player.ts';
import type { TimeReference } from '../latency.ts';

export interface Picture {
  widthPx: number;
  heightPx: number;
  frameRate: number | null;
  /** as in RFC 6381, such as avc1.64001f; null: the player does not say */
  videoCodec: string | null;
  audioCodec: string | null;
}

/** `network`: the connection ended or failed; `unplayable`: this browser has no decoder for it; `decode`: its decoder gave up */
export type EndReason = 'network' | 'unplayable' | 'decode';

export interface SessionEvents {
  onReference(reference: TimeReference): void;
  onPicture(picture: Partial<Picture>): void;
  /** the rung that plays, where the player chooses it by itself */
  onRung(name: string): void;
  /** a picture came damaged, and those after it refer to it */
  onDamage(): void;
  /** the session is to be closed */
  onEnd(reason: EndReason): void;
}

export interface SessionOptions {
  video: HTMLVideoElement;
  /** of the stream */
  name: string;
  /** null: the player chooses, where it can */
  rung: string | null;
}

export interface Session {
  readonly protocol: Protocol;
  /** what came lately; null: not known */
  readonly receivedKbps: number | null;
  /** the player keeps its distance from the live edge by itself */
  readonly keepsUp: boolean;
  /** where "live" is, in the time of the video element; null: the end of what is buffered */
  readonly liveS: number | null;
  /** the rung that is wanted begins after the place that is watched: it is played once that is reached */
  readonly rungWaits?: boolean;
  /** true where the rung can be changed on this connection. @param rung null: the player chooses */
  setRung(rung: string | null): boolean;
  close(): void;
}

/** The way to a stream's files, such as /live/show/720p.flv; with the key of a private show, as the page's own address has it. */
export function liveUrl(path: string, scheme: 'http' | 'ws' = 'http'): string {
  const url = new URL(`/live/${path}`, location.href); // absolute, since a worker fetches it
  const key = new URLSearchParams(location.search).get('key');
  if (key !== null) url.searchParams.set('key', key);
  if (scheme === 'ws') url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  return url.href;
}
