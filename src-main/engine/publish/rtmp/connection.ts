/** One RTMP connection that publishes one stream: from the first SYN to the goodbye. It is never reused. */
import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import type { StudioError } from '../../../../src-shared/errors.ts';
import { ChunkReader, ChunkWriter, type RtmpMessage } from '../../../wire/rtmp/chunk.ts';
import { type Command, reconnectRequestOf, statusOf } from '../../../wire/rtmp/command.ts';
import { type DeliveryReport, deliveryReportOf } from '../../../wire/rtmp/delivery-report.ts';
import { type Agreement, agree, SILENT_SERVER } from '../../../wire/rtmp/enhanced.ts';
import { ClientHandshake, RANDOM_BYTES } from '../../../wire/rtmp/handshake.ts';
import { acknowledgement, parseBody, setChunkSize, USER_CONTROL, userControl, windowAckSize } from '../../../wire/rtmp/message.ts';
import { SocketProbe } from '../socket-info/socket-probe.ts';
import { Acknowledger } from './acknowledger.ts';
import type { ConnectionOptions } from './connection-options.ts';
import type { ConnectionPressure } from './connection-pressure.ts';
import { Delivery } from './delivery.ts';
import { Dialogue } from './dialogue.ts';
import { closedFailure, networkFailure, stalledFailure } from './failures.ts';
import { connect, createStream, isAsked } from './opening.ts';
import { type OpenSocket, openSocket } from './socket.ts';

/** what OBS uses: known to pass everywhere */
const CHUNK_SIZE = 4_096;
/** an ordinary show, until the rate is known */
const START_KBPS = 2_500;
/** a ping's data is a time that comes back in its answer; ours means nothing */
const PING_DATA = Uint8Array.of(0, 0, 0, 0);
/** a server's messages to a publisher are commands and control: small */
const INCOMING_MAX_BYTES = 1_024 * 1_024;

export class RtmpConnection {
  readonly #options: ConnectionOptions;
  readonly #socket: Socket;
  /** TCP beneath */
  readonly #plain: Socket;
  readonly #reader = new ChunkReader({ messageMaxBytes: INCOMING_MAX_BYTES });
  readonly #writer = new ChunkWriter();
  readonly #delivery: Delivery;
  #handshake: ClientHandshake | null = new ClientHandshake(randomBytes(RANDOM_BYTES));
  readonly #dialogue: Dialogue;
  readonly #acknowledger = new Acknowledger();
  #failure: StudioError | null = null;
  #closing = false;
  /** lost, but still open: see `reset` */
  #isHeld = false;
  /** asked for with the consent to publish, where to */
  #earlyMove: string | null = null;
  #agreement = agree(SILENT_SERVER, { trusted: false });
  #streamId = 0;

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
      await connection.#dialogue.shakeHands(() => connection.#sayHello());
      await connection.#openStream();
      connection.#goLive();
      return connection;
    } catch (error) {
      connection.#lose(networkFailure(error, connection.#dialogue.stage, url.label));
      throw connection.#failure ?? error;
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  private constructor(options: ConnectionOptions, { socket, plain }: OpenSocket, probe: SocketProbe | null) {
    this.#options = options;
    this.#socket = socket;
    this.#plain = plain;
    const { url, replyTimeoutMs } = options;
    this.#dialogue = new Dialogue({ send: (message) => this.send(message), label: url.label, replyTimeoutMs });
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
    socket.on('error', (error) => this.#break(error));
    socket.on('close', () => this.#lose(closedFailure(this.#dialogue.stage, url.label)));
  }

  /** the server's IP address; empty once the connection is gone */
  get remoteAddress(): string {
    return this.#socket.remoteAddress ?? '';
  }

  /** whether the server takes several tracks is known: it was asked, or there is nothing to ask; for codecs every one is */
  get isAsked(): boolean {
    return isAsked(this.#options);
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

  /** What to add to our Unix time to get the server's; null: it does not tell. */
  get serverAheadMs(): number | null {
    return this.#delivery.serverAheadMs;
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
    this.#dialogue.command('FCUnpublish', null, [this.#options.streamKey]);
    this.#dialogue.command('deleteStream', null, [this.#streamId]);
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

  #sayHello(): void {
    if (this.#handshake) this.#write(this.#handshake.hello);
  }

  async #openStream(): Promise<void> {
    const { streamKey } = this.#options;
    this.send(setChunkSize(CHUNK_SIZE));
    this.#writer.setChunkSize(CHUNK_SIZE);
    this.send(windowAckSize(this.#delivery.windowBytes));
    const { agreement, isReporting } = await connect(this.#dialogue, this.#options);
    this.#agreement = agreement;
    if (isReporting) this.#delivery.expectReports();
    this.#streamId = await createStream(this.#dialogue, streamKey);
    await this.#dialogue.publish(streamKey, this.#streamId);
  }

  #goLive(): void {
    this.#dialogue.goLive();
    this.#delivery.start();
    const tcUrl = this.#earlyMove;
    if (tcUrl !== null) setImmediate(() => this.#askedToMove(tcUrl)); // once this connection is its owner's
  }

  #receive(bytes: Uint8Array): void {
    if (this.#isHeld) return;
    this.#acknowledger.received(bytes.length);
    this.#delivery.heard();
    try {
      let chunks = bytes;
      if (this.#handshake) {
        const { reply, done, rest } = this.#handshake.feed(bytes);
        if (!done) return;
        this.#handshake = null;
        this.#write(reply);
        this.#dialogue.shaken();
        chunks = rest;
      }
      for (const message of this.#reader.feed(chunks)) this.#handle(message);
      this.#acknowledge();
    } catch (error) {
      this.#break(error);
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
        this.#acknowledger.windowBytes = body.sizeBytes;
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
    if (this.#dialogue.areAwaited) return this.#settle(command);
    const tcUrl = reconnectRequestOf(command);
    if (tcUrl !== null) return this.#askedToMove(tcUrl);
    const status = command.name === 'onStatus' ? statusOf(command) : null;
    const { stage } = this.#dialogue;
    const isOver = status?.level === 'error' || (stage === 'live' && status?.code === 'NetStream.Unpublish.Success');
    if (isOver) this.#lose(this.#dialogue.rejected(stage === 'session' ? 'session' : 'publish', command));
  }

  #reported(report: DeliveryReport): void {
    this.#delivery.reported(report);
    this.#options.onProgress();
  }

  #settle(command: Command): void {
    try {
      this.#dialogue.take(command);
    } catch (error) {
      this.#break(error);
    }
  }

  #askedToMove(tcUrl: string): void {
    if (this.#dialogue.stage !== 'live') this.#earlyMove = tcUrl;
    else if (!this.#closing && !this.#failure) this.#options.onReconnectRequest(tcUrl);
  }

  #acknowledge(): void {
    const total = this.#acknowledger.due();
    if (total !== null) this.send(acknowledgement(total));
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
    this.#isHeld = this.#dialogue.stage === 'live' && !this.#closing;
    this.#lose(stalledFailure(this.#options.url.label));
  }

  #break(error: unknown): void {
    this.#lose(networkFailure(error, this.#dialogue.stage, this.#options.url.label));
  }

  #lose(failure: StudioError): void {
    if (this.#failure) return;
    this.#failure = failure;
    this.#delivery.stop();
    if (!this.#isHeld) this.#socket.destroy();
    this.#dialogue.fail(failure);
    if (this.#dialogue.stage === 'live' && !this.#closing) this.#options.onLost(failure);
  }
}
