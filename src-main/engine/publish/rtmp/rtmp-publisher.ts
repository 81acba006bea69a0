/** Keeps one RTMP(S) destination on the air: connects, sends, drops when it must, and comes back. */
import type { PublisherState, PublisherStats } from '../../../../src-shared/domain/index.ts';
import { StudioError, toFailure } from '../../../../src-shared/errors.ts';
import { US_PER_MS, US_PER_S } from '../../../../src-shared/units.ts';
import type { AudioHeader, MediaHeader, MediaPacket, VideoHeader } from '../../../process/packet.ts';
import { buildAacBody, buildAvcBody } from '../../../wire/flv.ts';
import { mediaMessage } from '../../../wire/rtmp/message.ts';
import { WireError } from '../../../wire/wire-error.ts';
import type { Pressure } from '../../rate-control/pressure.ts';
import { MediaQueue, timeUs } from '../media-queue.ts';
import type { Publisher, PublisherOptions } from '../publisher.ts';
import { RateMeter } from '../rate-meter.ts';
import { INITIAL, type Machine, next, type PublisherEvent } from '../state.ts';
import { Timeline } from '../timeline.ts';
import type { PublisherTuning } from '../tuning.ts';
import { RtmpConnection } from './connection.ts';
import { stalledFailure } from './failures.ts';
import { buildOnMetaData } from './metadata.ts';
import { parseRtmpUrl, type RtmpUrl } from './url.ts';

/** Bytes the socket may hold beyond the system's buffer: enough to keep it busy, little enough to stay droppable. */
const SOCKET_MAX_BYTES = 64 * 1_024;
/** Sound is never dropped; when so much of it waits, the connection has had it. */
const AUDIO_MAX_MS = 20_000;
/** How often the encoder is asked again for an IDR that has not come. */
const IDR_AGAIN_US = US_PER_S;

interface InFlight {
  timeUs: number;
  /** position on the connection after which the packet is delivered */
  endByte: number;
}

export class RtmpPublisher implements Publisher {
  readonly #options: PublisherOptions;
  readonly #tuning: PublisherTuning;
  readonly #queue: MediaQueue;
  readonly #timeline = new Timeline();
  readonly #rate = new RateMeter();
  #machine: Machine = INITIAL;
  #connection: RtmpConnection | null = null;
  #attempt: AbortController | null = null;
  #timer: NodeJS.Timeout | null = null;
  #video: VideoHeader | null = null;
  #audio: AudioHeader | null = null;
  #inFlight: InFlight[] = [];
  #newestUs = 0;
  #idrAskedUs = Number.NEGATIVE_INFINITY;
  #framesSent = 0;
  #framesDropped = 0;
  #bytesSent = 0;
  #stopped: Promise<void> | null = null;

  constructor(options: PublisherOptions, tuning: PublisherTuning) {
    this.#options = options;
    this.#tuning = tuning;
    this.#queue = new MediaQueue(tuning.queueMaxMs);
  }

  get state(): PublisherState {
    return this.#machine.state;
  }

  get stats(): PublisherStats {
    this.#settle();
    const oldestUs = this.#inFlight[0]?.timeUs ?? this.#queue.oldestUs;
    const unsentBytes = this.#connection ? this.#connection.sentBytes - this.#connection.deliveredBytes : 0;
    return {
      bitrateKbps: this.#rate.kbps(this.#nowUs()),
      queueMs: oldestUs === null ? 0 : Math.max(0, (this.#newestUs - oldestUs) / US_PER_MS),
      queueBytes: this.#queue.bytes + unsentBytes,
      congestion: 0,
      evidence: 'socket',
      rttMs: null,
      retransmittedPackets: null,
      clockJumps: 0,
      framesSent: this.#framesSent,
      framesDropped: this.#framesDropped,
      bytesSent: this.#bytesSent,
    };
  }

  pressure(): Pressure | null {
    return null;
  }

  setRate(): void {}

  dropToIdr(): void {}

  start(): void {
    this.#dispatch({ type: 'start' });
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#close();
    return this.#stopped;
  }

  retryNow(): void {
    this.#dispatch({ type: 'retry' });
  }

  setHeader(header: VideoHeader | AudioHeader): void {
    const before = header.kind === 'video' ? this.#video : this.#audio;
    if (header.kind === 'video') this.#video = header;
    else this.#audio = header;
    if (this.#connection && !isSameHeader(before, header)) {
      this.#queue.pushHeader(header);
      this.#pump();
    }
  }

  write(packet: MediaPacket): void {
    if (!this.#connection) {
      this.#drop(packet.kind === 'video' ? 1 : 0);
      return;
    }
    this.#newestUs = Math.max(this.#newestUs, timeUs(packet));
    this.#drop(this.#queue.push(packet));
    if (this.#queue.awaitsIdr) this.#askForIdr();
    this.#pump();
    if (this.#queue.audioSpanMs > AUDIO_MAX_MS) this.#fail(stalledFailure(this.#label()));
  }

  #dispatch(event: PublisherEvent): void {
    const before = this.#machine.state;
    this.#machine = next(this.#machine, event, { ...this.#tuning, graceMs: this.#options.graceMs ?? this.#tuning.graceMs });
    const { state } = this.#machine;
    if (state === before) return;
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    if (state.phase === 'connecting') void this.#connect();
    if (state.phase === 'waiting') {
      const waitMs = Math.max(0, (state.dueUs - this.#nowUs()) / US_PER_MS);
      this.#timer = setTimeout(() => this.#dispatch({ type: 'retry' }), waitMs);
    }
    this.#options.log(`publisher ${this.#label()}: ${describe(state)}`);
    this.#options.onChange(state);
  }

  async #connect(): Promise<void> {
    const attempt = new AbortController();
    this.#attempt = attempt;
    try {
      const connection = await RtmpConnection.publish({
        url: this.#parseTarget(),
        streamKey: this.#options.target.streamKey,
        connectTimeoutMs: this.#tuning.connectTimeoutMs,
        replyTimeoutMs: this.#tuning.replyTimeoutMs,
        stallMs: this.#tuning.stallMs,
        tlsCa: this.#tuning.tlsCa,
        signal: attempt.signal,
        onLost: (failure) => this.#fail(failure),
        onProgress: () => this.#pump(),
      });
      if (this.#machine.state.phase !== 'connecting')
        await connection.close(0); // stopped or lost in the meantime
      else this.#begin(connection);
    } catch (error) {
      if (!attempt.signal.aborted) this.#fail(error);
    } finally {
      if (this.#attempt === attempt) this.#attempt = null;
    }
  }

  #parseTarget(): RtmpUrl {
    const { url, streamKey } = this.#options.target;
    const parsed = parseRtmpUrl(url);
    if (!streamKey)
      throw new StudioError('rtmp.no-key', 'No stream key is set. Keys are not kept when Tidecast ends: enter it again in Destinations.');
    return parsed;
  }

  /** Metadata and headers first; then nothing until an IDR. */
  #begin(connection: RtmpConnection): void {
    this.#connection = connection;
    this.#drop(this.#queue.restart());
    this.#inFlight = [];
    if (this.#video || this.#audio) this.#sendMetadata(connection);
    for (const header of [this.#video, this.#audio]) if (header) this.#sendHeader(connection, header);
    this.#dispatch({ type: 'connected', nowUs: this.#nowUs() });
    this.#askForIdr();
  }

  #fail(error: unknown): void {
    const lost = this.#connection;
    this.#connection = null;
    if (lost) void lost.close(0);
    this.#drop(this.#queue.restart());
    this.#inFlight = [];
    const failure = toFailure(error);
    this.#dispatch({ type: 'failed', nowUs: this.#nowUs(), failure, jitter: this.#tuning.random() });
  }

  async #close(): Promise<void> {
    this.#dispatch({ type: 'stop' });
    this.#attempt?.abort();
    const connection = this.#connection;
    if (connection) {
      while (this.#queue.length > 0) this.#sendNext(connection);
      this.#connection = null;
      await connection.close(this.#tuning.stopMs);
    }
    this.#dispatch({ type: 'closed' });
  }

  /** Moves packets from the queue to the socket while it takes them. */
  #pump(): void {
    const connection = this.#connection;
    if (!connection) return;
    while (this.#queue.length > 0 && connection.pendingBytes < SOCKET_MAX_BYTES) this.#sendNext(connection);
  }

  #sendNext(connection: RtmpConnection): void {
    const item = this.#queue.shift();
    if (!item) return;
    try {
      if (item.type === 'header') {
        this.#sendMetadata(connection);
        this.#sendHeader(connection, item.header);
      } else this.#sendPacket(connection, item.packet);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.#options.log(`publisher ${this.#label()}: an unsendable packet was dropped: ${error.message}`);
      this.#drop(item.type === 'packet' && item.packet.kind === 'video' ? 1 : 0);
    }
  }

  #sendMetadata(connection: RtmpConnection): void {
    const metadata = buildOnMetaData(this.#video, this.#audio);
    this.#count(connection.send(mediaMessage('data', connection.streamId, this.#timeline.lastMs('video'), metadata)));
  }

  #sendHeader(connection: RtmpConnection, header: MediaHeader): void {
    const atMs = this.#timeline.lastMs(header.kind);
    const body =
      header.kind === 'video'
        ? buildAvcBody({ key: true, packet: 'header', compositionMs: 0, data: header.config })
        : buildAacBody({ packet: 'header', data: header.config });
    this.#count(connection.send(mediaMessage(header.kind, connection.streamId, atMs, body)));
  }

  #sendPacket(connection: RtmpConnection, packet: MediaPacket): void {
    const time = this.#timeline.place(packet);
    if (!time) return;
    const body =
      packet.kind === 'video'
        ? buildAvcBody({ key: packet.key, packet: 'nalu', compositionMs: time.compositionMs, data: packet.data })
        : buildAacBody({ packet: 'frame', data: packet.data });
    const onTaken = packet.kind === 'video' ? () => this.#options.onPublished?.(packet) : undefined;
    this.#count(connection.send(mediaMessage(packet.kind, connection.streamId, time.dtsMs % 2 ** 32, body), onTaken));
    if (packet.kind === 'video') this.#framesSent += 1;
    this.#inFlight.push({ timeUs: timeUs(packet), endByte: connection.sentBytes });
    this.#settle();
  }

  /** Forgets the packets that have been delivered. */
  #settle(): void {
    const delivered = this.#connection?.deliveredBytes ?? 0;
    const first = this.#inFlight.findIndex(({ endByte }) => endByte > delivered);
    if (first !== 0) this.#inFlight = first < 0 ? [] : this.#inFlight.slice(first);
  }

  #count(bytes: number): void {
    this.#bytesSent += bytes;
    this.#rate.add(this.#nowUs(), bytes);
  }

  /** Before its first picture a publisher misses nothing. */
  #drop(frames: number): void {
    if (this.#framesSent > 0) this.#framesDropped += frames;
  }

  #askForIdr(): void {
    const nowUs = this.#nowUs();
    if (nowUs - this.#idrAskedUs < IDR_AGAIN_US) return;
    this.#idrAskedUs = nowUs;
    this.#options.requestIdr();
  }

  #nowUs(): number {
    return this.#options.clock.nowUs();
  }

  /** The server's name for logs; a bad address shows nothing of itself. */
  #label(): string {
    try {
      return parseRtmpUrl(this.#options.target.url).label;
    } catch {
      return this.#options.target.destinationId;
    }
  }
}

function isSameHeader(a: MediaHeader | null, b: MediaHeader): boolean {
  return a !== null && a.config.length === b.config.length && a.config.every((byte, i) => byte === b.config[i]);
}

function describe(state: PublisherState): string {
  switch (state.phase) {
    case 'connecting':
      return `connecting, attempt ${state.attempt}`;
    case 'waiting':
      return `waiting after ${state.failure.code}: ${state.failure.message}`;
    case 'stopped':
      return state.failure ? `stopped by ${state.failure.code}: ${state.failure.message}` : 'stopped';
    default:
      return state.phase;
  }
}
