/**
 * An RTMP server on our own wire code that keeps times instead of media. Where a stream has one publisher only, another is
 * refused with NetStream.Publish.BadName, as platforms do; otherwise all are let in, so that a test sees who would come.
 */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { crc32 } from 'node:zlib';
import { parseAudioBody, parseVideoBody } from '../../../src-main/wire/flv.ts';
import { ChunkReader, ChunkWriter, type RtmpMessage } from '../../../src-main/wire/rtmp/chunk.ts';
import { type Command, onStatus } from '../../../src-main/wire/rtmp/command.ts';
import { RANDOM_BYTES, ServerHandshake } from '../../../src-main/wire/rtmp/handshake.ts';
import { acknowledgement, commandMessage, parseBody } from '../../../src-main/wire/rtmp/message.ts';
import type { ReceivedTrail, ReceiverLog, ReceiverOptions, ReceiverSession } from './protocol.ts';

const ACK_WINDOW_DEFAULT_BYTES = 2_500_000;

export class Receiver {
  readonly log: ReceiverLog = { sessions: [], media: [] };
  readonly #options: ReceiverOptions;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** who publishes, by stream key */
  readonly #holders = new Map<string, Connection>();

  static async listen(options: ReceiverOptions): Promise<Receiver> {
    const receiver = new Receiver(options);
    receiver.#server.listen(options.port, options.host);
    await once(receiver.#server, 'listening');
    return receiver;
  }

  private constructor(options: ReceiverOptions) {
    this.#options = options;
    this.#server = createServer((socket) => this.#accept(socket));
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  reset(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.reset();
    await closed;
  }

  /** @returns false when another holds the stream */
  hold(streamKey: string, connection: Connection): boolean {
    if (this.#options.exclusive && this.#holders.has(streamKey)) return false;
    this.#holders.set(streamKey, connection);
    return true;
  }

  release(connection: Connection): void {
    for (const [key, holder] of this.#holders) if (holder === connection) this.#holders.delete(key);
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    new Connection(socket, this, this.#options);
  }
}

class Connection {
  readonly #socket: Socket;
  readonly #receiver: Receiver;
  readonly #options: ReceiverOptions;
  readonly #handshake = new ServerHandshake(randomBytes(RANDOM_BYTES));
  readonly #reader = new ChunkReader();
  readonly #writer = new ChunkWriter();
  readonly #session: ReceiverSession;
  readonly #index: number;
  #shaken = false;
  #receivedBytes = 0;
  #ackedBytes = 0;
  #ackWindowBytes = ACK_WINDOW_DEFAULT_BYTES;

  constructor(socket: Socket, receiver: Receiver, options: ReceiverOptions) {
    this.#socket = socket;
    this.#receiver = receiver;
    this.#options = options;
    this.#session = { connectedMs: nowMs(), publishedMs: null, refusedMs: null, endedMs: null };
    this.#index = receiver.log.sessions.push(this.#session) - 1;
    socket.setNoDelay(true);
    socket.on('error', () => {}); // 'close' follows
    socket.on('data', (bytes) => this.#receive(bytes));
    socket.on('close', () => {
      this.#session.endedMs = nowMs();
      receiver.release(this);
    });
  }

  #receive(bytes: Uint8Array): void {
    const atMs = nowMs();
    this.#receivedBytes += bytes.length;
    let chunks = bytes;
    if (!this.#shaken) {
      const { reply, done, rest } = this.#handshake.feed(bytes);
      if (reply.length > 0) this.#socket.write(reply);
      if (!done) return;
      this.#shaken = true;
      chunks = rest;
    }
    for (const message of this.#reader.feed(chunks)) this.#dispatch(message, atMs);
    if (this.#options.acknowledges === false || this.#receivedBytes - this.#ackedBytes < this.#ackWindowBytes) return;
    this.#ackedBytes = this.#receivedBytes;
    this.#send(acknowledgement(this.#receivedBytes % 2 ** 32));
  }

  #dispatch(message: RtmpMessage, atMs: number): void {
    const body = parseBody(message);
    if (body.kind === 'window-ack-size') this.#ackWindowBytes = body.sizeBytes;
    else if (body.kind === 'command') this.#answer(body.command);
    else if (body.kind === 'video') {
      const { packet, key, data } = parseVideoBody(body.data);
      if (packet === 'nalu') this.#note({ atMs, kind: 'video', key, data, timestampMs: message.timestampMs });
    } else if (body.kind === 'audio') {
      const { packet, data } = parseAudioBody(body.data);
      if (packet === 'frame') this.#note({ atMs, kind: 'audio', key: false, data, timestampMs: message.timestampMs });
    }
  }

  #note({ data, ...rest }: Omit<ReceivedTrail, 'bytes' | 'crc' | 'session'> & { data: Uint8Array }): void {
    this.#receiver.log.media.push({ ...rest, bytes: data.length, crc: crc32(data), session: this.#index });
  }

  #answer({ name, transactionId, args }: Command): void {
    const result = (...values: Command['args']) =>
      this.#send(commandMessage({ name: '_result', transactionId, object: null, args: values }));
    if (name === 'connect') result({ level: 'status', code: 'NetConnection.Connect.Success', description: '' });
    if (name === 'createStream') result(1);
    if (name === 'publish') this.#publish(String(args[0]));
    if (name === 'deleteStream') this.#receiver.release(this);
  }

  #publish(streamKey: string): void {
    if (!this.#receiver.hold(streamKey, this)) {
      this.#session.refusedMs = nowMs();
      this.#send(commandMessage(onStatus('error', 'NetStream.Publish.BadName', 'Another encoder is publishing this stream.'), 1));
      this.#socket.end();
      return;
    }
    this.#session.publishedMs = nowMs();
    this.#send(commandMessage(onStatus('status', 'NetStream.Publish.Start', ''), 1));
    if (this.#options.silentMs) this.#socket.setTimeout(this.#options.silentMs, () => this.#socket.destroy());
    if (this.#options.stalls) this.#socket.pause();
  }

  #send(message: RtmpMessage): void {
    this.#socket.write(this.#writer.write(message));
  }
}

function nowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
