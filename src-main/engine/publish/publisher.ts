/** One destination's connection: what the session needs of it, whatever the protocol. */
import type { DestinationId, PublisherState, PublisherStats } from '../../../src-shared/domain/index.ts';
import type { Failure } from '../../../src-shared/errors.ts';
import type { Clock } from '../../process/clock.ts';
import type { AudioHeader, MediaPacket, VideoHeader, VideoPacket } from '../../process/packet.ts';
import type { Pressure } from '../rate-control/pressure.ts';

export interface PublishTarget {
  destinationId: DestinationId;
  /** rtmp[s]://host[:port]/app, without the key */
  url: string;
  /** tried while the first is down; null: there is none */
  backupUrl: string | null;
  streamKey: string;
  /**
   * The user's word. true: it takes HEVC, AV1, Opus and several tracks though it may not say so; false: it is to get none
   * of that, whatever it says. Left out: what it announces counts
   */
  takesEnhanced?: boolean;
}

/** What the server is not sent. The publisher is held until it has a header of another codec, or gives the connection up. */
export interface CodecRefusal {
  kind: MediaPacket['kind'];
  /** 0 is the one that a show cannot do without; of others only this track is left out */
  track: number;
  codec: VideoHeader['codec'] | AudioHeader['codec'];
  /** `rtmp.codec`, for the user */
  failure: Failure;
}

/** A jump of the media's clock that was taken out of the stream's timestamps. */
export interface ClockJump {
  kind: MediaPacket['kind'];
  /** by how much the clock jumped; below zero: back */
  jumpUs: number;
}

export interface PublisherOptions {
  target: PublishTarget;
  clock: Clock;
  /** asks the encoder for an IDR, for a fresh start after a (re)connect or a drop */
  requestIdr: () => void;
  onChange: (state: PublisherState) => void;
  /** the system has taken a picture's last byte */
  onPublished?: (packet: VideoPacket) => void;
  onClockJump?: (jump: ClockJump) => void;
  /** Once a header and connection. With an H.264 rendition (and AAC) the publisher goes on at its next IDR, on the same connection. */
  onCodecRefused?: (refusal: CodecRefusal) => void;
  /** more than one picture or sound is going to come, told apart by their `track` */
  multitrack?: boolean;
  /** whether pictures carry their times; it may change while the connection lives. Left out: they do not */
  pictureTimes?: boolean;
  log: (line: string) => void;
  /** how long a rejected key is retried after a drop, since the server may still hold the old session */
  graceMs?: number;
}

export interface Publisher {
  readonly state: PublisherState;
  readonly stats: PublisherStats;
  /** null unless live. Rate control asks every 100 ms */
  pressure(): Pressure | null;
  /** what is being sent now, video and the rest: acknowledgements are asked for accordingly */
  setRate(totalKbps: number): void;
  /** drops what waits, to the next IDR; never sound */
  dropToIdr(): void;
  start(): void;
  /** Says goodbye to the server and closes; never takes longer than 2 s. Idempotent. */
  stop(): Promise<void>;
  /** Ends a wait at once: the user's button, or the system says that the network is back. */
  retryNow(): void;
  /** What the server will not take of what is about to come; null: it takes it, or nobody can say, being away. */
  refusalOf(codec: Pick<CodecRefusal, 'kind' | 'codec'>): CodecRefusal | null;
  /** Called before the first packet and again when a header changes. */
  setHeader(header: VideoHeader | AudioHeader): void;
  /** Never blocks and never throws: what cannot be sent is dropped to the next IDR and counted. */
  write(packet: MediaPacket): void;
}
