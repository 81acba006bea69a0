/** One RTMP connection from the outside: handshake, chunks, acknowledgements, time-outs. What is said on it is the session's. */
import { createHmac, randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { ChunkReader, ChunkWriter, type RtmpMessage } from '../../wire/rtmp/chunk.ts';
import { deliveryReport } from '../../wire/rtmp/delivery-report.ts';
import { RANDOM_BYTES, ServerHandshake } from '../../wire/rtmp/handshake.ts';
import { acknowledgement, type Body, MESSAGE, parseBody, USER_CONTROL, userControl } from '../../wire/rtmp/message.ts';
import type { ServerLimits } from '../limits.ts';

/** The side of a session that a connection drives. */
export interface Session {
  onMessage(body: Body, message: RtmpMessage): void;
  /** the socket has room again */
  onDrain(): void;
  onClose(): void;
}

/** before a peer may publish or play, it has no reason to send more */
const GREETING_BYTES_MAX = 256 * 1024;
/** replies that a peer does not read */
const UNREAD_BYTES_MAX = 1024 * 1024;
const ACK_WINDOW_DEFAULT_BYTES = 2_500_000;
const ACK_WINDOW_MIN_BYTES = 4_096;
const LINGER_MS = 2_000;
/** what has arrived is told no more often */
const REPORT_EVERY_MS = 100;

const hmacSha256 = (key: Uint8Array, data: Uint8Array) => createHmac('sha256', key).update(data).digest();

export class RtmpConnection {
  readonly socket: Socket;
  /** of the peer; kept, since a closed socket has none */
  readonly address: string | undefined;
  readonly isEncrypted: boolean;
  readonly writer = new ChunkWriter();
  readonly #limits: ServerLimits;
  readonly #session: Session;
  readonly #handshake = new ServerHandshake(randomBytes(RANDOM_BYTES), hmacSha256);
  readonly #reader: ChunkReader;
  #handshaken = false;
  #trusted = false;
  #closing = false;
  /** complete messages that wait for a question to be answered */
  #held: RtmpMessage[] | null = null;
  #receivedBytes = 0;
  #acknowledgedBytes = 0;
  #ackWindowBytes = ACK_WINDOW_DEFAULT_BYTES;
  #deadline: NodeJS.Timeout;
  #isReporting = false;
  #arrivedMs = 0;
  #reportedMs = Number.NEGATIVE_INFINITY;
  #reportTimer: NodeJS.Timeout | null = null;

  constructor(socket: Socket, limits: ServerLimits, createSession: (connection: RtmpConnection) => Session) {
    this.socket = socket;
    this.address = socket.remoteAddress;
    this.isEncrypted = socket instanceof TLSSocket;
    this.#limits = limits;
    this.#reader = new ChunkReader({ messageMaxBytes: limits.messageBytesMax });
    this.#session = createSession(this);
    this.#deadline = setTimeout(() => socket.destroy(), limits.handshakeMs);
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 10_000);
    socket.on('data', (bytes) => this.#receive(bytes));
    socket.on('timeout', () => socket.destroy());
    socket.on('drain', () => this.#session.onDrain());
    socket.on('error', () => {}); // 'close' follows
    socket.on('close', () => {
      clearTimeout(this.#deadline);
      if (this.#reportTimer) clearTimeout(this.#reportTimer);
      this.#session.onClose();
    });
  }

  send(...messages: RtmpMessage[]): void {
    if (!this.socket.writable) return;
    if (this.socket.writableLength > UNREAD_BYTES_MAX) return void this.socket.destroy();
    this.socket.cork();
    for (const message of messages) {
      this.socket.write(this.writer.write(message));
      if (message.type === MESSAGE.setChunkSize)
        this.writer.setChunkSize(new DataView(message.payload.buffer, message.payload.byteOffset).getUint32(0));
    }
    this.socket.uncork();
  }

  /** The peer was let in. @param silentMs it is gone when nothing passes for so long; 0 for a viewer, who has nothing to say */
  trust(silentMs: number): void {
    this.#trusted = true;
    clearTimeout(this.#deadline);
    this.socket.setTimeout(silentMs);
  }

  /** From now on the peer is told what has arrived, while something does. */
  report(): void {
    this.#isReporting = true;
  }

  /** The peer neither publishes nor plays: it holds its place for so long only. */
  awaitCommand(): void {
    clearTimeout(this.#deadline);
    this.#deadline = setTimeout(() => this.socket.destroy(), this.#limits.commandMs);
  }

  /** Nothing more is dispatched until then, or read from the socket: what the peer sends meanwhile is not lost. */
  holdUntil(answered: Promise<void>): void {
    this.#held = [];
    this.socket.pause();
    answered.then(
      () => this.#release(),
      () => this.socket.destroy(),
    );
  }

  #release(): void {
    const held = this.#held ?? [];
    this.#held = null;
    if (this.socket.destroyed) return;
    this.#guarded(() => this.#dispatchAll(held));
    if (!this.#held) this.socket.resume();
  }

  /** Lets the peer read what was sent, then closes; what it still sends is thrown away. */
  end(): void {
    this.#closing = true;
    this.socket.end();
    clearTimeout(this.#deadline);
    this.#deadline = setTimeout(() => this.socket.destroy(), LINGER_MS);
  }

  #receive(bytes: Uint8Array): void {
    if (this.#closing) return;
    this.#arrivedMs = performance.now();
    this.#receivedBytes += bytes.length; // all of them count, the handshake too (5.4.3)
    this.#guarded(() => {
      if (this.#handshaken) this.#read(bytes);
      else this.#shakeHands(bytes);
      if (this.#isReporting) this.#reportSoon();
    });
  }

  #guarded(act: () => void): void {
    try {
      act();
    } catch {
      // bytes that break the protocol, by error or by intent: there is no way to go on with this peer
      this.socket.destroy();
    }
  }

  #reportSoon(): void {
    const waitMs = this.#reportedMs + REPORT_EVERY_MS - this.#arrivedMs;
    this.#reportTimer ??= setTimeout(() => this.#sendReport(), Math.max(0, waitMs));
  }

  #sendReport(): void {
    this.#reportTimer = null;
    this.#reportedMs = performance.now();
    const clock = { sentMs: this.#reportedMs, unixMs: Date.now() };
    if (!this.#closing) this.send(deliveryReport({ receivedBytes: this.#receivedBytes, arrivedMs: this.#arrivedMs, clock }));
  }

  #shakeHands(bytes: Uint8Array): void {
    const { reply, done, rest } = this.#handshake.feed(bytes);
    if (reply.length > 0) this.socket.write(reply);
    if (!done) return;
    this.#handshaken = true;
    this.awaitCommand();
    this.#read(rest);
  }

  #read(bytes: Uint8Array): void {
    this.#dispatchAll(this.#reader.feed(bytes));
    if (this.#closing) return;
    if (!this.#trusted && this.#receivedBytes > GREETING_BYTES_MAX) return void this.socket.destroy();
    if (this.#receivedBytes - this.#acknowledgedBytes < this.#ackWindowBytes) return;
    this.#acknowledgedBytes = this.#receivedBytes;
    this.send(acknowledgement(this.#receivedBytes % 2 ** 32));
  }

  #dispatchAll(messages: readonly RtmpMessage[]): void {
    for (const message of messages) {
      if (this.#closing) return;
      if (this.#held) this.#held.push(message);
      else this.#dispatch(message);
    }
  }

  #dispatch(message: RtmpMessage): void {
    const isMedia = message.type === MESSAGE.audio || message.type === MESSAGE.video || message.type === MESSAGE.aggregate;
    if (!isMedia && message.payload.length > this.#limits.commandBytesMax) return void this.socket.destroy();
    const body = parseBody(message);
    if (body.kind === 'window-ack-size') this.#ackWindowBytes = Math.max(ACK_WINDOW_MIN_BYTES, body.sizeBytes);
    else if (body.kind === 'user-control' && body.event === USER_CONTROL.pingRequest)
      this.send(userControl(USER_CONTROL.pingResponse, body.data));
    else if (body.kind === 'aggregate') this.#dispatchAll(body.messages);
    else this.#session.onMessage(body, message);
  }
}
