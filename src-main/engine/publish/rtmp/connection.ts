/** One RTMP connection that publishes one stream: from the first SYN to the goodbye. It is never reused. */
import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import type { StudioError } from '../../../../src-shared/errors.ts';
import { ChunkReader, ChunkWriter, type RtmpMessage } from '../../../wire/rtmp/chunk.ts';
import { type Command, reconnectRequestOf, statusOf } from '../../../wire/rtmp/command.ts';
import { type DeliveryReport, deliveryReportOf, isReporting, REPORT_PROPERTIES } from '../../../wire/rtmp/delivery-report.ts';
import {
  type Agreement,
  agree,
  connectProperties,
  type EnhancedNeeds,
  needsEnhanced,
  SILENT_SERVER,
  serverSupport,
} from '../../../wire/rtmp/enhanced.ts';
import { ClientHandshake, RANDOM_BYTES } from '../../../wire/rtmp/handshake.ts';
import {
  acknowledgement,
  commandMessage,
  parseBody,
  setChunkSize,
  USER_CONTROL,
  userControl,
  windowAckSize,
} from '../../../wire/rtmp/message.ts';
import { SocketProbe } from '../socket-info/socket-probe.ts';
import type { ConnectionPressure } from './connection-pressure.ts';
import { Delivery } from './delivery.ts';
import { closedFailure, networkFailure, rejectedFailure, type Stage, stalledFailure, timeoutFailure } from './failures.ts';
import { consentTo, Replies, resultOf } from './replies.ts';
import { type OpenSocket, openSocket } from './socket.ts';
import type { RtmpUrl } from './url.ts';

/** what OBS uses: known to pass everywhere */
const CHUNK_SIZE = 4_096;
/** an ordinary show, until the rate is known */
const START_KBPS = 2_500;
/** a ping's data is a time that comes back in its answer; ours means nothing */
const PING_DATA = Uint8Array.of(0, 0, 0, 0);
/** what servers assume until they say otherwise */
const DEFAULT_PEER_WINDOW_BYTES = 2_500_000;
/** a server's messages to a publisher are commands and control: small */
const INCOMING_MAX_BYTES = 1_024 * 1_024;
const ORDINARY: EnhancedNeeds = { video: 'h264', audio: 'aac', multitrack: false };
const FLASH_VERSION = 'FMLE/3.0 (compatible; Tidecast)';

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

export class RtmpConnection {
  readonly #options: ConnectionOptions;
  readonly #socket: Socket;
  /** TCP beneath */
  readonly #plain: Socket;
  readonly #reader = new ChunkReader({ messageMaxBytes: INCOMING_MAX_BYTES });
  readonly #writer = new ChunkWriter();
  readonly #delivery: Delivery;
  #handshake: ClientHandshake | null = new ClientHandshake(randomBytes(RANDOM_BYTES));
  #stage: Stage = 'handshake';
  readonly #replies = new Replies();
  #failure: StudioError | null = null;
  #closing = false;
  /** lost, but still open: see `reset` */
  #isHeld = false;
  /** asked for with the consent to publish, where to */
  #earlyMove: string | null = null;
  #agreement = agree(SILENT_SERVER, { trusted: false });
  #streamId = 0;
  #transactionId = 0;
  #receivedBytes = 0;
  #acknowledgedBytes = 0;
  #peerWindowBytes = DEFAULT_PEER_WINDOW_BYTES;

  /** @throws StudioError saying which step failed; nothing is left open then */
  static async publish(options: ConnectionOptions): Promise<RtmpConnection> {
    const { url, connectTimeoutMs, tlsCa, signal, onAnswered, open = null } = options;
    const { socket, plain } = await openSocket(url, { timeoutMs: connectTimeoutMs, tlsCa, signal, onAnswered, open });
    if (options.mayGoTo && !options.mayGoTo(socket.remoteAddress ?? '')) {
      socket.destroy();
      throw closedFailure('handshake', url.label);
    }
    const probe = await SocketProbe.open(socket, plain, options.log ?? (() => {}));
    const connection = new RtmpConnection(options, { socket, plain }, probe);
    const abort = () => connection.#lose(closedFailure('live', url.label));
    signal.addEventListener('abort', abort);
    // either may have come while the probe was opened
    if (signal.aborted) abort();
    if (socket.destroyed) connection.#lose(closedFailure('handshake', url.label));
    try {
      await connection.#shakeHands();
      await connection.#openStream();
      connection.#goLive();
      return connection;
    } catch (error) {
      connection.#lose(networkFailure(error, connection.#stage, url.label));
      throw connection.#failure ?? error;
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  private constructor(options: ConnectionOptions, { socket, plain }: OpenSocket, probe: SocketProbe | null) {
    this.#options = options;
    this.#socket = socket;
    this.#plain = plain;
    this.#delivery = new Delivery({
      probe,
      stallMs: options.stallMs,
      startKbps: options.startKbps ?? START_KBPS,
      countFromBytes: options.countFromBytes ?? 0,
      askForAcks: (windowBytes) => this.send(windowAckSize(windowBytes)),
      ping: () => this.send(userControl(USER_CONTROL.pingRequest, PING_DATA)),
      onStalled: () => this.#stall(),
    });
    socket.on('data', (bytes) => this.#receive(bytes));
    socket.on('error', (error) => this.#lose(networkFailure(error, this.#stage, options.url.label)));
    socket.on('close', () => this.#lose(closedFailure(this.#stage, options.url.label)));
  }

  /** the server's IP address; empty once the connection is gone */
  get remoteAddress(): string {
    return this.#socket.remoteAddress ?? '';
  }

  /** what the server takes beyond H.264 and AAC is known: it was asked, or there is nothing to ask */
  get isAsked(): boolean {
    const { needs, takesEnhanced } = this.#options;
    return takesEnhanced === false || (needs !== undefined && needsEnhanced(needs));
  }

  /** in which form the server takes what */
  get agreement(): Agreement {
    return this.#agreement;
  }

  get streamId(): number {
    return this.#streamId;
  }

  /** Bytes that wait in this process for the socket. */
  get pendingBytes(): number {
    return this.#delivery.pendingBytes;
  }

  get sentBytes(): number {
    return this.#delivery.sentBytes;
  }

  /** Of sentBytes, what has arrived by the best evidence there is. Never falls. */
  get deliveredBytes(): number {
    return this.#delivery.deliveredBytes;
  }

  /** How this server counts what it acknowledges. */
  get acksCount(): Delivery['acksCount'] {
    return this.#delivery.acksCount;
  }

  pressure(): ConnectionPressure {
    return this.#delivery.pressure();
  }

  /** What is being sent now, video and the rest: the server is asked to acknowledge each 200 ms of it. */
  setRate(totalKbps: number): void {
    this.#delivery.setRate(totalKbps);
  }

  /**
   * @param onTaken once the system has taken its last byte; never after the connection is lost
   * @returns bytes on the wire
   */
  send(message: RtmpMessage, onTaken?: () => void): number {
    return this.#write(this.#writer.write(message), onTaken);
  }

  /** FCUnpublish, deleteStream, and the end of TCP; what still waits is lost after `timeoutMs`. Never rejects. */
  async close(timeoutMs: number): Promise<void> {
    if (this.#closing || this.#failure) return;
    this.#closing = true;
    this.#delivery.stop();
    this.#command('FCUnpublish', null, [this.#options.streamKey]);
    this.#command('deleteStream', null, [this.#streamId]);
    this.#socket.end();
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, timeoutMs);
      this.#socket.once('close', () => {
        clearTimeout(timer);
        resolve();
      });
    });
    this.#socket.destroy();
  }

  /** It stalled, and may be reset. */
  get isHeld(): boolean {
    return this.#isHeld;
  }

  /**
   * Of one that stalled: TCP is broken off. To be done once the server answers elsewhere: the reset then gets there, and
   * the server lets go of the old session. A socket that is closed while nothing gets through says so only when TCP next
   * tries, which after a break of 3 s may be another 3 s later (RFC 6298, 5.5), and sends what has been waiting first.
   */
  reset(): void {
    this.#isHeld = false;
    try {
      this.#plain.resetAndDestroy();
    } catch {
      // it is no TCP socket of the system any more
    }
    this.#socket.destroy();
  }

  async #shakeHands(): Promise<void> {
    const hello = (this.#handshake as ClientHandshake).hello;
    await this.#waitFor(
      () => undefined,
      'handshake',
      () => this.#write(hello),
    );
  }

  async #openStream(): Promise<void> {
    const { app, tcUrl } = this.#options.url;
    const { streamKey, takesEnhanced } = this.#options;
    const declined = takesEnhanced === false;
    const needs = declined ? ORDINARY : (this.#options.needs ?? ORDINARY);
    this.send(setChunkSize(CHUNK_SIZE));
    this.#writer.setChunkSize(CHUNK_SIZE);
    this.send(windowAckSize(this.#delivery.windowBytes));
    const client = { app, type: 'nonprivate', flashVer: FLASH_VERSION, swfUrl: tcUrl, tcUrl, ...connectProperties(needs) };
    const consent = await this.#request('connect', { ...client, ...REPORT_PROPERTIES }, []);
    this.#agreement = agree(serverSupport(consent), { trusted: takesEnhanced === true, declined });
    if (isReporting(consent)) this.#delivery.expectReports();
    this.#command('releaseStream', null, [streamKey]); // both for servers that hold or announce streams; their replies mean nothing
    this.#command('FCPublish', null, [streamKey]);
    const created = await this.#request('createStream', null, []);
    this.#streamId = created.args.find((value) => typeof value === 'number') ?? 1;
    await this.#publish(streamKey);
  }

  /** Sends a command and waits for its _result. */
  #request(name: string, object: Command['object'], args: Command['args']): Promise<Command> {
    const answer = resultOf(this.#transactionId + 1, (command) => this.#rejected('session', command));
    return this.#waitFor(answer, 'session', () => this.#command(name, object, args));
  }

  async #publish(streamKey: string): Promise<void> {
    const answer = consentTo(this.#transactionId + 1, (command) => this.#rejected('publish', command));
    await this.#waitFor(answer, 'publish', () => this.#command('publish', null, [streamKey, 'live'], this.#streamId));
  }

  #rejected(stage: 'session' | 'publish', command: Command): StudioError {
    return rejectedFailure(stage, this.#options.url.label, statusOf(command)?.code ?? '');
  }

  async #waitFor<T>(match: (command: Command) => T | undefined, stage: Stage, send: () => void): Promise<T> {
    if (this.#failure) throw this.#failure;
    this.#stage = stage;
    const { replyTimeoutMs: timeoutMs, url } = this.#options;
    return this.#replies.wait(match, { send, timeoutMs, late: () => timeoutFailure(stage, url.label, timeoutMs) });
  }

  #goLive(): void {
    if (this.#failure) throw this.#failure; // what followed the server's consent in the same segment may have broken the format
    this.#stage = 'live';
    this.#delivery.start();
    const tcUrl = this.#earlyMove;
    if (tcUrl !== null) setImmediate(() => this.#askedToMove(tcUrl)); // once this connection is its owner's
  }

  #receive(bytes: Uint8Array): void {
    if (this.#isHeld) return;
    this.#receivedBytes += bytes.length;
    this.#delivery.heard();
    try {
      let chunks = bytes;
      if (this.#handshake) {
        const { reply, done, rest } = this.#handshake.feed(bytes);
        if (!done) return;
        this.#handshake = null;
        this.#write(reply);
        this.#replies.done();
        chunks = rest;
      }
      for (const message of this.#reader.feed(chunks)) this.#handle(message);
      this.#acknowledge();
    } catch (error) {
      this.#lose(networkFailure(error, this.#stage, this.#options.url.label));
    }
  }

  #handle(message: RtmpMessage): void {
    const body = parseBody(message);
    switch (body.kind) {
      case 'acknowledgement':
        this.#delivery.acknowledged(body.sequence);
        this.#options.onProgress();
        break;
      case 'window-ack-size':
        this.#peerWindowBytes = Math.max(1, body.sizeBytes);
        break;
      case 'set-peer-bandwidth':
        if (body.sizeBytes > 0) this.#delivery.limitWindow(body.sizeBytes);
        break;
      case 'user-control':
        // 7.1.7: a time of 4 bytes; more would have us send what a server likes
        if (body.event === USER_CONTROL.pingRequest && body.data.length === PING_DATA.length)
          this.send(userControl(USER_CONTROL.pingResponse, body.data));
        break;
      case 'command':
        this.#answer(body.command);
        break;
      default: // servers also send metadata and statistics
    }
  }

  /** What was waited for may be followed by more in the same segment, which counts though nobody has been told yet. */
  #answer(command: Command): void {
    if (this.#failure) return;
    const report = deliveryReportOf(command);
    if (report) return this.#reported(report);
    if (this.#replies.areAwaited) return this.#settle(command);
    const tcUrl = reconnectRequestOf(command);
    if (tcUrl !== null) return this.#askedToMove(tcUrl);
    const status = command.name === 'onStatus' ? statusOf(command) : null;
    const isOver = status?.level === 'error' || (this.#stage === 'live' && status?.code === 'NetStream.Unpublish.Success');
    if (isOver) this.#lose(this.#rejected(this.#stage === 'session' ? 'session' : 'publish', command));
  }

  #reported(report: DeliveryReport): void {
    this.#delivery.reported(report);
    this.#options.onProgress();
  }

  #settle(command: Command): void {
    try {
      this.#replies.take(command);
    } catch (error) {
      this.#lose(networkFailure(error, this.#stage, this.#options.url.label));
    }
  }

  #askedToMove(tcUrl: string): void {
    if (this.#stage !== 'live') this.#earlyMove = tcUrl;
    else if (!this.#closing && !this.#failure) this.#options.onReconnectRequest(tcUrl);
  }

  /** 5.4.3: after each window, the total of bytes received. Half a window early does no harm. */
  #acknowledge(): void {
    if (this.#receivedBytes - this.#acknowledgedBytes < this.#peerWindowBytes / 2) return;
    this.#acknowledgedBytes = this.#receivedBytes;
    this.send(acknowledgement(this.#receivedBytes % 2 ** 32));
  }

  #command(name: string, object: Command['object'], args: Command['args'], streamId = 0): void {
    this.#transactionId += 1;
    this.send(commandMessage({ name, transactionId: this.#transactionId, object, args }, streamId));
  }

  #write(bytes: Uint8Array, onTaken?: () => void): number {
    if (this.#failure) return 0;
    this.#delivery.sent(bytes.length);
    this.#socket.write(bytes, (error) => {
      if (error || this.#failure) return;
      this.#delivery.taken(bytes.length);
      onTaken?.();
      this.#options.onProgress();
    });
    return bytes.length;
  }

  #stall(): void {
    this.#isHeld = this.#stage === 'live' && !this.#closing;
    this.#lose(stalledFailure(this.#options.url.label));
  }

  #lose(failure: StudioError): void {
    if (this.#failure) return;
    this.#failure = failure;
    this.#delivery.stop();
    if (!this.#isHeld) this.#socket.destroy();
    this.#replies.fail(failure);
    if (this.#stage === 'live' && !this.#closing) this.#options.onLost(failure);
  }
}
