/**
 * The client's side of an RTMP connection, to play from another server or to publish to it.
 * @see Adobe RTMP specification 1.0, 7.2
 */
import { randomBytes } from 'node:crypto';
import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { AmfObject } from '../../wire/amf0.ts';
import { parseMetadata } from '../../wire/flv.ts';
import { ChunkReader, ChunkWriter, type RtmpMessage } from '../../wire/rtmp/chunk.ts';
import { type Command, statusOf } from '../../wire/rtmp/command.ts';
import { forwarderProperties } from '../../wire/rtmp/enhanced.ts';
import { ClientHandshake, RANDOM_BYTES } from '../../wire/rtmp/handshake.ts';
import { acknowledgement, type Body, commandMessage, parseBody, setChunkSize, USER_CONTROL, userControl } from '../../wire/rtmp/message.ts';
import type { ServerLimits } from '../limits.ts';
import type { RelayAddress } from './address.ts';
import { LOOP_CODE, LOOP_REASON, VIA_PROPERTY } from './via.ts';

export interface RtmpClientEvents {
  /** the server plays to us, or takes what we publish */
  started(): void;
  metadata(entries: AmfObject): void;
  media(kind: 'video' | 'audio', timestampMs: number, body: Uint8Array): void;
  /** the socket has room again */
  drain(): void;
  /** exactly once, also after `close`; what to tell the user, and whether the way through these servers was refused */
  ended(reason: string, isLoop: boolean): void;
}

export type RtmpClientLimits = Pick<
  ServerLimits,
  'handshakeMs' | 'commandMs' | 'publisherSilentMs' | 'messageBytesMax' | 'commandBytesMax'
>;

interface Step {
  transactionId: number;
  next: (reply: Command) => void;
}

const CHUNK_BYTES = 65_536;
const ACK_WINDOW_DEFAULT_BYTES = 2_500_000;
const ACK_WINDOW_MIN_BYTES = 4_096;

export class RtmpClient {
  readonly socket: Socket;
  readonly writer = new ChunkWriter();
  /** the message stream that is played or published; 0 before */
  streamId = 0;
  readonly #address: RelayAddress;
  readonly #action: 'play' | 'publish';
  readonly #via: string;
  readonly #limits: RtmpClientLimits;
  readonly #events: RtmpClientEvents;
  readonly #reader: ChunkReader;
  readonly #handshake = new ClientHandshake(randomBytes(RANDOM_BYTES));
  #handshaken = false;
  #started = false;
  #reason: string | null = null;
  #isLoop = false;
  #transactionId = 0;
  #awaited: Step | null = null;
  #deadline: NodeJS.Timeout;
  #receivedBytes = 0;
  #acknowledgedBytes = 0;
  #ackWindowBytes = ACK_WINDOW_DEFAULT_BYTES;

  /** @param how.via this server, and those before it. @see joinVia */
  constructor(address: RelayAddress, how: { action: 'play' | 'publish'; via: string }, limits: RtmpClientLimits, events: RtmpClientEvents) {
    this.#address = address;
    this.#action = how.action;
    this.#via = how.via;
    this.#limits = limits;
    this.#events = events;
    this.#reader = new ChunkReader({ messageMaxBytes: limits.messageBytesMax });
    const { host, port, secure } = address;
    this.socket = secure ? connectTls({ host, port, ...(isIP(host) ? {} : { servername: host }) }) : connect(port, host);
    this.#deadline = this.#within(limits.handshakeMs, 'did not answer');
    this.socket.setNoDelay(true);
    this.socket.setKeepAlive(true, 10_000);
    this.socket.once(secure ? 'secureConnect' : 'connect', () => this.socket.write(this.#handshake.hello));
    this.socket.on('data', (bytes) => this.#receive(bytes));
    this.socket.on('drain', () => events.drain());
    this.socket.on('error', (error: NodeJS.ErrnoException) => {
      this.#reason ??= `could not be reached (${error.code ?? error.message})`;
    });
    this.socket.on('close', () => {
      clearTimeout(this.#deadline);
      events.ended(`${address.label} ${this.#reason ?? 'closed the connection'}`, this.#isLoop);
    });
  }

  close(): void {
    this.#reason ??= 'was let go';
    this.socket.destroy();
  }

  #within(ms: number, otherwise: string): NodeJS.Timeout {
    return setTimeout(() => this.#give(otherwise), ms);
  }

  #give(reason: string): void {
    this.#reason ??= reason;
    this.socket.destroy();
  }

  #receive(bytes: Uint8Array): void {
    this.#receivedBytes += bytes.length;
    try {
      if (this.#handshaken) this.#read(bytes);
      else this.#shakeHands(bytes);
    } catch {
      this.#give('does not speak RTMP as it should');
    }
  }

  #shakeHands(bytes: Uint8Array): void {
    const { reply, done, rest } = this.#handshake.feed(bytes);
    if (reply.length > 0) this.socket.write(reply);
    if (!done) return;
    this.#handshaken = true;
    clearTimeout(this.#deadline);
    this.#deadline = this.#within(
      this.#limits.commandMs,
      this.#action === 'play' ? 'does not play the stream' : 'does not take the stream',
    );
    this.#connect();
    this.#read(rest);
  }

  #read(bytes: Uint8Array): void {
    for (const message of this.#reader.feed(bytes)) this.#take(message);
    if (this.#receivedBytes - this.#acknowledgedBytes < this.#ackWindowBytes) return;
    this.#acknowledgedBytes = this.#receivedBytes;
    this.#send(acknowledgement(this.#receivedBytes % 2 ** 32));
  }

  #take(message: RtmpMessage): void {
    const body = parseBody(message);
    if (body.kind === 'aggregate') for (const part of body.messages) this.#take(part);
    else if (body.kind === 'video' || body.kind === 'audio') {
      if (body.data.length > 0) this.#events.media(body.kind, message.timestampMs, body.data);
    } else this.#takeControl(body);
  }

  #takeControl(body: Body): void {
    if (body.kind === 'window-ack-size') this.#ackWindowBytes = Math.max(ACK_WINDOW_MIN_BYTES, body.sizeBytes);
    else if (body.kind === 'user-control' && body.event === USER_CONTROL.pingRequest)
      this.#send(userControl(USER_CONTROL.pingResponse, body.data));
    else if (body.kind === 'data' && body.data.length <= this.#limits.commandBytesMax) {
      const metadata = parseMetadata(body.data);
      if (metadata) this.#events.metadata(metadata);
    } else if (body.kind === 'command') this.#takeCommand(body.command);
  }

  #takeCommand(command: Command): void {
    const status = statusOf(command);
    if (command.name === 'onStatus') return this.#takeStatus(status?.level, status?.code);
    // some answer what nobody waits for, such as releaseStream, with an error
    if (command.transactionId !== this.#awaited?.transactionId) return;
    const { next } = this.#awaited;
    this.#awaited = null;
    if (command.name === '_result') next(command);
    else this.#refused(status?.code);
  }

  #takeStatus(level = '', code = ''): void {
    if (level === 'error') return this.#refused(code);
    if (code === 'NetStream.Play.Start' || code === 'NetStream.Publish.Start') this.#start();
    else if (code === 'NetStream.Play.UnpublishNotify' || code === 'NetStream.Play.Stop') this.#give('ended the stream');
  }

  #refused(code = ''): void {
    this.#isLoop = code === LOOP_CODE;
    this.#give(this.#isLoop ? LOOP_REASON : `refused${/^[\w.]{1,64}$/.test(code) ? ` (${code})` : ''}`);
  }

  #start(): void {
    if (this.#started) return;
    this.#started = true;
    clearTimeout(this.#deadline);
    if (this.#action === 'play') this.socket.setTimeout(this.#limits.publisherSilentMs, () => this.#give('sent nothing for too long'));
    this.#events.started();
  }

  #connect(): void {
    const { app, secure, host, port } = this.#address;
    const tcUrl = `${secure ? 'rtmps' : 'rtmp'}://${host.includes(':') ? `[${host}]` : host}:${port}/${app}`;
    this.#send(setChunkSize(CHUNK_BYTES));
    this.writer.setChunkSize(CHUNK_BYTES);
    const flags: AmfObject = this.#action === 'play' ? { fpad: false, audioCodecs: 0x0fff, videoCodecs: 0x00ff } : { type: 'nonprivate' };
    this.#request(
      'connect',
      { app, flashVer: 'FMLE/3.0 (compatible; Tidecast)', tcUrl, ...flags, ...forwarderProperties(), [VIA_PROPERTY]: this.#via },
      [],
      () => this.#createStream(),
    );
  }

  #createStream(): void {
    const { playPath } = this.#address;
    if (this.#action === 'publish') {
      this.#command('releaseStream', null, [playPath]);
      this.#command('FCPublish', null, [playPath]);
    }
    this.#request('createStream', null, [], ({ args: [id] }) => {
      if (typeof id !== 'number') return this.#give('does not open a stream');
      this.streamId = id;
      // -2 asks for the live stream, or waits for it (7.2.2.1)
      this.#command(this.#action, null, this.#action === 'play' ? [playPath, -2] : [playPath, 'live'], id);
    });
  }

  #request(name: string, object: Command['object'], args: Command['args'], next: (reply: Command) => void): void {
    this.#awaited = { transactionId: this.#transactionId + 1, next };
    this.#command(name, object, args);
  }

  #command(name: string, object: Command['object'], args: Command['args'], streamId = 0): void {
    this.#transactionId += 1;
    this.#send(commandMessage({ name, transactionId: this.#transactionId, object, args }, streamId));
  }

  #send(message: RtmpMessage): void {
    if (this.socket.writable) this.socket.write(this.writer.write(message));
  }
}

/** @param code of the status; what servers write beside it is not shown: it may be anything */
