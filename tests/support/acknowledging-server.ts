/** A small RTMP server for each way in which servers acknowledge, and fail to. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { ChunkReader, ChunkWriter, type RtmpMessage } from '../../src-main/wire/rtmp/chunk.ts';
import { type Command, onStatus } from '../../src-main/wire/rtmp/command.ts';
import { RANDOM_BYTES, ServerHandshake } from '../../src-main/wire/rtmp/handshake.ts';
import { acknowledgement, commandMessage, parseBody, USER_CONTROL, userControl } from '../../src-main/wire/rtmp/message.ts';

export interface AckHabit {
  counts: 'nothing' | 'total' | 'increment';
  /** what the counter shows of the total; itself, if not given */
  shows?: (totalBytes: number) => number;
  /** instead of as often as it is asked to */
  everyBytes?: number;
}

const DEFAULT_WINDOW_BYTES = 2_500_000;

export class AcknowledgingServer {
  habit: AckHabit;
  answersPings = true;
  /** the windows that the client asked for */
  readonly asked: number[] = [];
  /** how much had come when the last acknowledgement was sent, beginning where the counter began */
  ackedBytes: number;
  acks = 0;
  pings = 0;
  mediaMessages = 0;
  socket: Socket | null = null;
  #totalBytes: number;
  readonly #server: Server;

  /** @param startBytes where the counter begins: just before it is full, so that a test of that is short */
  constructor(habit: AckHabit, startBytes = 0) {
    this.habit = habit;
    this.#totalBytes = startBytes;
    this.ackedBytes = startBytes;
    this.#server = createServer((socket) => this.#accept(socket));
  }

  get receivedBytes(): number {
    return this.#totalBytes;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async listen(): Promise<this> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return this;
  }

  async close(): Promise<void> {
    this.socket?.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #accept(socket: Socket): void {
    this.socket = socket;
    socket.setNoDelay(true);
    const handshake = new ServerHandshake(randomBytes(RANDOM_BYTES));
    const reader = new ChunkReader();
    const writer = new ChunkWriter();
    const send = (message: RtmpMessage) => void socket.write(writer.write(message));
    let isShaken = false;
    socket.on('error', () => {});
    socket.on('data', (bytes: Uint8Array) => {
      this.#totalBytes += bytes.length;
      let chunks = bytes;
      if (!isShaken) {
        const { reply, done, rest } = handshake.feed(bytes);
        if (reply.length > 0) socket.write(reply);
        if (!done) return;
        isShaken = true;
        chunks = rest;
      }
      for (const message of reader.feed(chunks)) this.#handle(message, send);
      this.#acknowledge(send);
    });
  }

  #acknowledge(send: (message: RtmpMessage) => void): void {
    const { counts, everyBytes, shows = (total: number) => total } = this.habit;
    const newBytes = this.#totalBytes - this.ackedBytes;
    if (counts === 'nothing' || newBytes < (everyBytes ?? this.asked.at(-1) ?? DEFAULT_WINDOW_BYTES)) return;
    send(acknowledgement(counts === 'total' ? shows(this.#totalBytes) : newBytes));
    this.ackedBytes = this.#totalBytes;
    this.acks += 1;
  }

  #handle(message: RtmpMessage, send: (message: RtmpMessage) => void): void {
    const body = parseBody(message);
    if (body.kind === 'window-ack-size') this.asked.push(body.sizeBytes);
    if (body.kind === 'video' || body.kind === 'audio') this.mediaMessages += 1;
    if (body.kind === 'user-control' && body.event === USER_CONTROL.pingRequest) {
      this.pings += 1;
      if (this.answersPings) send(userControl(USER_CONTROL.pingResponse, body.data));
    }
    if (body.kind === 'command') answer(body.command, send);
  }
}

function answer({ name, transactionId }: Command, send: (message: RtmpMessage) => void): void {
  const result = (args: Command['args']) => send(commandMessage({ name: '_result', transactionId, object: null, args }));
  if (name === 'connect') result([{ level: 'status', code: 'NetConnection.Connect.Success', description: '' }]);
  if (name === 'createStream') result([1]);
  if (name === 'publish') send(commandMessage(onStatus('status', 'NetStream.Publish.Start', ''), 1));
}
