/** A small RTMP server on our own wire code that keeps what it receives and misbehaves on demand. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { AmfObject } from '../../src-main/wire/amf0.ts';
import { type AacBody, type AvcBody, parseAudioBody, parseMetadata, parseVideoBody } from '../../src-main/wire/flv.ts';
import { type ExAudioBody, isExAudioBody, parseExAudioBody } from '../../src-main/wire/flv-extended-audio.ts';
import { type ExVideoBody, isExVideoBody, parseExVideoBody } from '../../src-main/wire/flv-extended-video.ts';
import { ChunkReader, ChunkWriter, type RtmpMessage } from '../../src-main/wire/rtmp/chunk.ts';
import { type Command, onStatus, reconnectRequest } from '../../src-main/wire/rtmp/command.ts';
import { RANDOM_BYTES, ServerHandshake } from '../../src-main/wire/rtmp/handshake.ts';
import { acknowledgement, commandMessage, parseBody, USER_CONTROL, userControl } from '../../src-main/wire/rtmp/message.ts';

export type Received =
  | { kind: 'metadata'; entries: AmfObject }
  | ({ kind: 'video'; timestampMs: number } & AvcBody)
  | ({ kind: 'audio'; timestampMs: number } & AacBody)
  | ({ kind: 'ex-video'; timestampMs: number } & ExVideoBody)
  | ({ kind: 'ex-audio'; timestampMs: number } & ExAudioBody);

export interface Behaviour {
  /** what it says of itself in its reply to connect, besides that it consents */
  announces?: AmfObject | undefined;
  /** answers publish with this status code, an error */
  refusePublish?: string | undefined;
  /** closes the connection on publish without a word, as nginx does */
  closeOnPublish?: boolean | undefined;
  /** answers connect with _error */
  refuseConnect?: boolean | undefined;
  /** holds a stream's session for so long after its connection has gone, and refuses the key meanwhile, as platforms do */
  holdMs?: number | undefined;
  /** falls silent before this step */
  silentAt?: 'handshake' | 'connect' | 'createStream' | 'publish' | undefined;
  /** answers with this text instead of RTMP */
  greeting?: string | undefined;
  /** stops reading once publishing, as a stalled server does */
  stopReading?: boolean | undefined;
  /** sends these bytes, which are no chunk, in one segment with its consent to publish */
  afterPublish?: Uint8Array | undefined;
  /** sends an Acknowledgement after so many bytes */
  ackEveryBytes?: number | undefined;
}

export interface ReceiverSession {
  commands: Command[];
  received: Received[];
  /** performance.now() of each picture's arrival */
  picturesMs: number[];
  pings: number;
  ended: boolean;
  /** performance.now() at the end */
  endedMs: number | null;
  publishing: boolean;
  socket: Socket;
  /** Asks the client for a new connection. `tcUrl` empty: to the same address */
  requestReconnect(tcUrl?: string): void;
}

export class RtmpReceiver {
  readonly sessions: ReceiverSession[] = [];
  behaviour: Behaviour = {};
  readonly #tls: { key: string; cert: string } | null;
  #server: Server | null = null;
  #port = 0;

  constructor(tls: { key: string; cert: string } | null = null) {
    this.#tls = tls;
  }

  get url(): string {
    return `${this.#tls ? 'rtmps' : 'rtmp'}://127.0.0.1:${this.#port}/live`;
  }

  get port(): number {
    return this.#port;
  }

  /** @returns the newest session */
  get last(): ReceiverSession | undefined {
    return this.sessions.at(-1);
  }

  /** Again on the same port after a `kill`. */
  async listen(): Promise<void> {
    this.#server = this.#tls
      ? createTlsServer(this.#tls, (socket) => this.#accept(socket))
      : createTcpServer((socket) => this.#accept(socket));
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  /** Ends like a killed process: the port is closed and every connection is reset. */
  async kill(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    if (!server) return;
    const closed = new Promise((resolve) => server.close(resolve));
    this.dropAll();
    await closed;
  }

  dropAll(): void {
    for (const { socket } of this.sessions) this.#tls ? socket.destroy() : socket.resetAndDestroy();
  }

  #isHeld(holdMs: number | undefined): boolean {
    if (holdMs === undefined) return false;
    return this.sessions.some(
      ({ publishing, endedMs }) => publishing && performance.now() - (endedMs ?? Number.POSITIVE_INFINITY) < holdMs,
    );
  }

  #accept(socket: Socket): void {
    const { behaviour } = this;
    const handshake = new ServerHandshake(randomBytes(RANDOM_BYTES));
    const reader = new ChunkReader();
    const writer = new ChunkWriter();
    const session: ReceiverSession = {
      commands: [],
      received: [],
      picturesMs: [],
      pings: 0,
      ended: false,
      endedMs: null,
      publishing: false,
      socket,
      requestReconnect: (tcUrl = '') => void socket.write(writer.write(commandMessage(reconnectRequest(tcUrl, 'moving')))),
    };
    this.sessions.push(session);
    let shaken = false;
    let bytesIn = 0;
    let bytesAcked = 0;
    socket.on('error', () => {});
    socket.on('close', () => Object.assign(session, { ended: true, endedMs: performance.now() }));
    if (behaviour.greeting) socket.end(behaviour.greeting);
    socket.on('data', (bytes: Uint8Array) => {
      if (behaviour.silentAt === 'handshake' || behaviour.greeting) return;
      bytesIn += bytes.length;
      let chunks = bytes;
      if (!shaken) {
        const step = handshake.feed(bytes);
        if (step.reply.length > 0) socket.write(step.reply);
        if (!step.done) return;
        shaken = true;
        chunks = step.rest;
      }
      for (const message of reader.feed(chunks))
        this.#handle(session, message, (reply) => void socket.write(writer.write(reply)), behaviour);
      if (behaviour.ackEveryBytes && bytesIn - bytesAcked >= behaviour.ackEveryBytes) {
        bytesAcked = bytesIn;
        socket.write(writer.write(acknowledgement(bytesIn)));
      }
    });
  }

  #handle(session: ReceiverSession, message: RtmpMessage, send: (reply: RtmpMessage) => void, behaviour: Behaviour): void {
    const { timestampMs } = message;
    const body = parseBody(message);
    if (body.kind === 'user-control' && body.event === USER_CONTROL.pingResponse) session.pings += 1;
    if (body.kind === 'video') session.picturesMs.push(performance.now());
    if (body.kind === 'video' || body.kind === 'audio') session.received.push(mediaOf(body.kind, timestampMs, body.data));
    if (body.kind === 'data') session.received.push({ kind: 'metadata', entries: parseMetadata(body.data) ?? {} });
    if (body.kind !== 'command') return;
    const { command } = body;
    session.commands.push(command);
    if (command.name === behaviour.silentAt) return;
    this.#answer(session, command, send, behaviour);
  }

  #answer(session: ReceiverSession, { name, transactionId }: Command, send: (reply: RtmpMessage) => void, behaviour: Behaviour): void {
    const result = (args: Command['args'], ok = true, object: Command['object'] = null) =>
      send(commandMessage({ name: ok ? '_result' : '_error', transactionId, object, args }));
    if (name === 'connect') {
      const code = behaviour.refuseConnect ? 'NetConnection.Connect.Rejected' : 'NetConnection.Connect.Success';
      result(
        [{ level: behaviour.refuseConnect ? 'error' : 'status', code, description: '' }],
        !behaviour.refuseConnect,
        behaviour.announces,
      );
    }
    if (name === 'createStream') result([1]);
    if (name !== 'publish') return;
    if (behaviour.closeOnPublish) {
      session.socket.end();
      return;
    }
    const refusal = behaviour.refusePublish ?? (this.#isHeld(behaviour.holdMs) ? 'NetStream.Publish.BadName' : undefined);
    session.publishing = !refusal;
    session.socket.cork();
    process.nextTick(() => session.socket.uncork());
    const description = String(session.commands.at(-1)?.args[0]); // servers like to repeat the key here
    send(commandMessage(refusal ? onStatus('error', refusal, description) : onStatus('status', 'NetStream.Publish.Start', description), 1));
    if (refusal) return;
    send(userControl(USER_CONTROL.pingRequest, Uint8Array.of(0, 0, 0, 7)));
    if (behaviour.afterPublish) session.socket.write(behaviour.afterPublish);
    if (behaviour.stopReading) session.socket.pause();
  }
}

function mediaOf(kind: 'video' | 'audio', timestampMs: number, data: Uint8Array): Received {
  if (kind === 'video')
    return isExVideoBody(data)
      ? { kind: 'ex-video', timestampMs, ...parseExVideoBody(data) }
      : { kind, timestampMs, ...parseVideoBody(data) };
  return isExAudioBody(data)
    ? { kind: 'ex-audio', timestampMs, ...parseExAudioBody(data) }
    : { kind, timestampMs, ...parseAudioBody(data) };
}
