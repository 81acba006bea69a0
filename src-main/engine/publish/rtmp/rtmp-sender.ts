/** Puts media on one connection: metadata and headers first, then packets while there is room. Knows what is on its way. */
import { US_PER_MS } from '../../../../src-shared/units.ts';
import type { Clock } from '../../../process/clock.ts';
import type { AudioHeader, MediaHeader, MediaPacket, VideoHeader, VideoPacket } from '../../../process/packet.ts';
import type { Form } from '../../../wire/rtmp/enhanced.ts';
import { mediaMessage } from '../../../wire/rtmp/message.ts';
import { WireError } from '../../../wire/wire-error.ts';
import type { Pressure } from '../../rate-control/pressure.ts';
import { InFlight } from '../in-flight.ts';
import { KINDS, type MediaKind, type MediaQueue, type QueueItem, timeUs } from '../media-queue.ts';
import type { Tally } from '../tally.ts';
import type { Timeline } from '../timeline.ts';
import { trackOf } from '../tracks.ts';
import type { RtmpConnection } from './connection.ts';
import { headerBody, type Lane, packetBody } from './media-body.ts';
import { buildOnMetaData, type TrackHeader } from './metadata.ts';
import { withTimes } from './picture-times.ts';

/** What the socket may hold in this process beyond the system's buffer: enough to keep it busy, little enough to stay droppable. */
const SOCKET_MAX_MS = 100;
const SOCKET_MIN_BYTES = 4 * 1_024;
const SOCKET_MAX_BYTES = 64 * 1_024;
/** With enough on the way a packet still goes so often: some servers acknowledge only when more comes. */
const TRICKLE_US = 100 * US_PER_MS;

export interface SenderOptions {
  timeline: Timeline;
  tally: Tally;
  clock: Clock;
  /** the system has taken a picture's last byte */
  onPublished: ((packet: VideoPacket) => void) | undefined;
  /** whether pictures carry their times */
  timesWanted: () => boolean;
  log: (line: string) => void;
}

export interface Headers {
  video: VideoHeader | null;
  audio: AudioHeader | null;
  /** of further tracks */
  others: readonly TrackHeader[];
}

export interface Refusal {
  codec: Lane['codec'];
  track: number;
  why: Exclude<Form, 'legacy' | 'extended'>;
}

/** The default tracks' first. */
export const allOf = ({ video, audio, others }: Headers): MediaHeader[] => [
  ...[video, audio].filter((header) => header !== null),
  ...others.map(({ header }) => header),
];

const laneKey = ({ kind }: MediaHeader | MediaPacket, track: number) => `${kind} ${track}`;

export class RtmpSender {
  readonly connection: RtmpConnection;
  readonly #options: SenderOptions;
  readonly #inFlight = new InFlight();
  /** how each track that was announced travels, by kind and number */
  readonly #lanes = new Map<string, Lane>();
  #lastUs = 0;

  constructor(connection: RtmpConnection, options: SenderOptions) {
    this.connection = connection;
    this.#options = options;
  }

  begin(headers: Headers): void {
    if (headers.video || headers.audio) this.#sendMetadata(headers);
    for (const header of allOf(headers)) this.#sendHeader(header);
  }

  /** Why the server is not sent a header's codec; null: it is. */
  refusalOf({ codec, track = 0 }: Pick<MediaHeader, 'codec' | 'track'>): Refusal | null {
    const form = this.connection.agreement.form(codec, track);
    return form === 'legacy' || form === 'extended' ? null : { codec, track, why: form };
  }

  /** Moves packets from the queue to the socket while it takes them. */
  pump(queue: MediaQueue, headers: Headers, totalKbps: number): void {
    this.settle();
    while (queue.length > 0 && this.#hasRoom(totalKbps)) this.#sendNext(queue, headers);
  }

  /** All that waits, room or not: the connection is about to end. */
  flush(queue: MediaQueue, headers: Headers): void {
    while (queue.length > 0) this.#sendNext(queue, headers);
  }

  /** Forgets the packets that have arrived. */
  settle(): void {
    this.#inFlight.settle(this.connection.deliveredBytes, this.#nowUs());
  }

  /** Decoding time of the oldest packet of a kind on the way, not counting the time that the way always takes. */
  aheadUs(kind: MediaKind): number | null {
    const oldestUs = this.#inFlight.oldestUs(kind);
    return oldestUs === null ? null : oldestUs + this.#inFlight.floorUs;
  }

  get floorMs(): number {
    return this.#inFlight.floorUs / US_PER_MS;
  }

  pressure(queue: MediaQueue): Pressure {
    this.settle();
    const { sentBytes, deliveredBytes, evidence, pendingBytes, unackedBytes, unsentBytes, tcp, way } = this.connection.pressure();
    const lateMs = (oldestUs: (kind: MediaKind) => number | null) =>
      Math.max(...KINDS.map((kind) => (queue.newestUs(kind) - (oldestUs(kind) ?? queue.newestUs(kind))) / US_PER_MS));
    return {
      atUs: this.#nowUs(),
      offeredBytes: sentBytes + queue.bytes,
      deliveredBytes,
      evidence,
      delayMs: lateMs((kind) => this.#inFlight.oldestUs(kind) ?? queue.oldestUs(kind)),
      queueMs: lateMs((kind) => queue.oldestUs(kind)),
      queueBytes: queue.bytes,
      unackedBytes,
      unsentBytes: unsentBytes === null ? null : pendingBytes + unsentBytes,
      tcp,
      way,
    };
  }

  #hasRoom(totalKbps: number): boolean {
    const aWhileBytes = (totalKbps * SOCKET_MAX_MS) / 8;
    const { sentBytes, deliveredBytes, pendingBytes, unsentBytes, tcp, way } = this.connection.pressure();
    if (pendingBytes > 0 && pendingBytes >= Math.min(SOCKET_MAX_BYTES, Math.max(SOCKET_MIN_BYTES, aWhileBytes))) return false;
    const nowUs = this.#nowUs();
    // TCP sees the way more closely than a server that acknowledges now and then, but only as far as the next machine
    const heldBytes = tcp && !way ? pendingBytes + (unsentBytes ?? 0) + tcp.inFlightBytes : sentBytes - deliveredBytes;
    return (
      !this.#inFlight.isFull(nowUs, { heldBytes, passedBytes: sentBytes - heldBytes, totalKbps }) || nowUs - this.#lastUs >= TRICKLE_US
    );
  }

  #sendNext(queue: MediaQueue, headers: Headers): void {
    const item = queue.shift();
    if (!item) return;
    try {
      this.#send(item, headers);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.#options.log(`an unsendable packet was dropped: ${error.message}`);
      this.#options.tally.dropped(item.type === 'packet' && item.packet.kind === 'video' ? 1 : 0);
    }
  }

  #send(item: QueueItem, headers: Headers): void {
    if (item.type === 'packet') return this.#sendPacket(item.packet);
    this.#sendMetadata(headers);
    this.#sendHeader(item.header);
  }

  #sendMetadata({ video, audio, others }: Headers): void {
    const { connection } = this;
    const sent = others.filter(({ header }) => this.refusalOf(header) === null);
    const body = buildOnMetaData(video, audio, sent);
    this.#count(connection.send(mediaMessage('data', connection.streamId, this.#headerMs('video', 0), body)));
  }

  /** Of a track that the server does not take nothing is sent. */
  #sendHeader(header: MediaHeader): void {
    const track = trackOf(header);
    const form = this.connection.agreement.form(header.codec, track);
    this.#lanes.delete(laneKey(header, track));
    if (form !== 'legacy' && form !== 'extended') return;
    const lane = { codec: header.codec, form, track };
    this.#lanes.set(laneKey(header, track), lane);
    const message = mediaMessage(header.kind, this.connection.streamId, this.#headerMs(header.kind, track), headerBody(header, lane));
    this.#count(this.connection.send(message));
  }

  /** A header takes the time of the packet before it. */
  #headerMs(kind: MediaPacket['kind'], track: number): number {
    return this.#options.timeline.lastMs(kind, track) % 2 ** 32;
  }

  #sendPacket(packet: MediaPacket): void {
    const { timeline, tally, onPublished } = this.#options;
    const lane = this.#lanes.get(laneKey(packet, trackOf(packet)));
    if (!lane) return tally.dropped(packet.kind === 'video' ? 1 : 0);
    const exact = lane.form === 'extended' && this.connection.agreement.nanoOffset;
    const time = timeline.place(packet, { track: lane.track, exact });
    if (!time) return;
    const body = packetBody(packet, lane, time, this.#timed(packet, lane));
    const onTaken = packet.kind === 'video' ? () => onPublished?.(packet) : undefined;
    this.#lastUs = this.#nowUs();
    this.#count(this.connection.send(mediaMessage(packet.kind, this.connection.streamId, time.dtsMs % 2 ** 32, body), onTaken));
    if (packet.kind === 'video') tally.framesSent += 1;
    this.#inFlight.add(packet.kind, timeUs(packet), this.connection.sentBytes, this.#lastUs);
  }

  #timed(packet: MediaPacket, { codec }: Lane): Uint8Array[] | undefined {
    if (packet.kind === 'audio' || !this.#options.timesWanted()) return undefined;
    return withTimes(packet, codec as VideoHeader['codec'], this.#nowUs(), this.connection.serverAheadMs ?? 0) ?? undefined;
  }

  #count(bytes: number): void {
    this.#options.tally.sent(bytes, this.#nowUs());
  }

  #nowUs(): number {
    return this.#options.clock.nowUs();
  }
}
