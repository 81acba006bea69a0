/**
 * Many viewers in a process of their own, as cheap as they can be: raw sockets that read into one buffer and count. Of a
 * few the media's timestamps are followed too. A word from the parent begins a window, another ends it with a report.
 */
import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { FlvReader, TAG } from '../../src-main/wire/flv.ts';
import { ChunkReader, ChunkWriter } from '../../src-main/wire/rtmp/chunk.ts';
import { ClientHandshake, RANDOM_BYTES } from '../../src-main/wire/rtmp/handshake.ts';
import { commandMessage, parseBody } from '../../src-main/wire/rtmp/message.ts';

export interface LoadTask {
  /** http://host:port/path.flv or rtmp://host:port/app/stream */
  url: string;
  viewers: number;
  /** of these, so many read no more than `slowBytesPerS` */
  slow: number;
  slowBytesPerS: number;
}

export interface LoadReport {
  /** of those that read as fast as they can */
  bytes: number;
  slowBytes: number;
  /** times that a viewer who reads got nothing for a second, or its media fell a second behind */
  stalls: number;
  longestGapMs: number;
  /** connections that ended */
  lost: number;
}

export type ToLoad = { type: 'task'; task: LoadTask } | { type: 'begin' } | { type: 'report' };
export type FromLoad = { type: 'watching' } | { type: 'report'; report: LoadReport };

const STALL_MS = 1_000;
const SAMPLED = 10;
const BUFFER_BYTES = 64 * 1024;
const SLOW_BUFFER_BYTES = 4 * 1024;
const SLOW_EVERY_MS = 250;
/** connections are opened so far apart, so that viewers join at all places of a GOP */
const APART_MS = 20;

const shared = Buffer.allocUnsafe(BUFFER_BYTES);
const viewers: Viewer[] = [];

class Viewer {
  bytes = 0;
  stalls = 0;
  longestGapMs = 0;
  lost = false;
  readonly isSlow: boolean;
  readonly #socket: Socket;
  readonly #media: MediaClock | null;
  #lastAtMs = 0;
  #allowance = 0;

  constructor(task: LoadTask, index: number) {
    this.isSlow = index < task.slow;
    const { hostname, port, pathname, protocol } = new URL(task.url);
    const isRtmp = protocol === 'rtmp:';
    const isSampled = index >= task.slow && index < task.slow + SAMPLED;
    const rtmp = isRtmp ? new RtmpPlayer(pathname, (bytes) => void this.#socket.write(bytes)) : null;
    this.#media = isSampled ? new MediaClock() : null;
    const flv = isSampled && !isRtmp ? new HttpFlv() : null;
    const take = (bytes: Buffer) => {
      this.#count(bytes.length);
      if (rtmp) rtmp.take(bytes, isSampled ? (timestampMs) => this.#media?.see(timestampMs) : null);
      else if (flv) for (const timestampMs of flv.take(Buffer.from(bytes))) this.#media?.see(timestampMs);
    };
    this.#socket = connect({
      host: hostname,
      port: Number(port),
      onread: {
        buffer: this.isSlow ? Buffer.allocUnsafe(SLOW_BUFFER_BYTES) : shared,
        callback: (count, buffer) => {
          take(Buffer.from((buffer as Buffer).buffer, (buffer as Buffer).byteOffset, count));
          if (!this.isSlow) return true;
          this.#allowance -= count;
          return this.#allowance > 0;
        },
      },
    });
    this.#socket.on('error', () => {}); // 'close' follows
    this.#socket.on('close', () => {
      this.lost = true;
    });
    if (rtmp) this.#socket.write(rtmp.hello);
    else this.#socket.write(`GET ${pathname} HTTP/1.1\r\nhost: ${hostname}:${port}\r\n\r\n`);
    if (this.isSlow) setInterval(() => this.#allow((task.slowBytesPerS * SLOW_EVERY_MS) / 1_000), SLOW_EVERY_MS);
  }

  begin(): void {
    this.bytes = 0;
    this.stalls = 0;
    this.longestGapMs = 0;
    this.#lastAtMs = performance.now();
    this.#media?.begin();
  }

  get lateStalls(): number {
    return this.#media?.stalls ?? 0;
  }

  end(): void {
    this.#count(0);
  }

  #allow(bytes: number): void {
    const wasOut = this.#allowance <= 0;
    this.#allowance = Math.min(this.#allowance + bytes, 2 * bytes);
    if (wasOut && this.#allowance > 0) this.#socket.resume();
  }

  #count(bytes: number): void {
    const nowMs = performance.now();
    const gapMs = nowMs - this.#lastAtMs;
    this.#lastAtMs = nowMs;
    this.bytes += bytes;
    if (gapMs > STALL_MS) this.stalls += 1;
    this.longestGapMs = Math.max(this.longestGapMs, gapMs);
  }
}

/** Media against the wall clock: a player with a second in hand stands still when it falls behind by more. */
class MediaClock {
  stalls = 0;
  #startMs: number | null = null;

  begin(): void {
    this.stalls = 0;
    this.#startMs = null;
  }

  see(timestampMs: number): void {
    const startMs = performance.now() - timestampMs;
    this.#startMs ??= startMs;
    if (startMs - this.#startMs <= STALL_MS) return;
    this.stalls += 1;
    this.#startMs = startMs;
  }
}

/** The tags of an HTTP body, with or without chunked coding. @see RFC 9112, 7.1 */
class HttpFlv {
  readonly #reader = new FlvReader();
  #head: Buffer | null = Buffer.alloc(0);
  #isChunked = false;
  #rest: Buffer = Buffer.alloc(0);
  #chunkLeft = 0;

  take(bytes: Buffer): number[] {
    if (this.#head === null) return this.#body(bytes);
    this.#head = Buffer.concat([this.#head, bytes]);
    const end = this.#head.indexOf('\r\n\r\n');
    if (end < 0) return [];
    this.#isChunked = /transfer-encoding: *chunked/i.test(this.#head.toString('latin1', 0, end));
    const body = this.#head.subarray(end + 4);
    this.#head = null;
    return this.#body(body);
  }

  #body(bytes: Buffer): number[] {
    const pieces = this.#isChunked ? this.#dechunk(bytes) : [bytes];
    const tags = pieces.flatMap((piece) => this.#reader.feed(piece));
    return tags.filter(({ type }) => type === TAG.video).map(({ timestampMs }) => timestampMs);
  }

  #dechunk(bytes: Buffer): Buffer[] {
    let input = Buffer.concat([this.#rest, bytes]);
    const pieces: Buffer[] = [];
    for (;;) {
      if (this.#chunkLeft > 2) {
        const piece = input.subarray(0, this.#chunkLeft - 2);
        pieces.push(piece);
        this.#chunkLeft -= piece.length;
        input = input.subarray(piece.length);
      }
      if (this.#chunkLeft > 2 || input.length < this.#chunkLeft) break;
      input = input.subarray(this.#chunkLeft);
      this.#chunkLeft = 0;
      const end = input.indexOf('\r\n');
      if (end < 0) break;
      this.#chunkLeft = Number.parseInt(input.toString('latin1', 0, end), 16) + 2;
      input = input.subarray(end + 2);
    }
    this.#rest = input;
    return pieces;
  }
}

/** Says what a player says; afterwards it reads messages only if somebody wants their times. */
class RtmpPlayer {
  readonly #handshake = new ClientHandshake(randomBytes(RANDOM_BYTES));
  readonly #writer = new ChunkWriter();
  readonly #reader = new ChunkReader();
  readonly #send: (bytes: Uint8Array) => void;
  readonly #app: string;
  readonly #stream: string;
  #isShaken = false;
  #isPlaying = false;

  constructor(path: string, send: (bytes: Uint8Array) => void) {
    const [, app = '', stream = ''] = path.split('/');
    this.#app = app;
    this.#stream = stream;
    this.#send = send;
  }

  get hello(): Uint8Array {
    return this.#handshake.hello;
  }

  take(bytes: Buffer, onVideo: ((timestampMs: number) => void) | null): void {
    if (this.#isPlaying && !onVideo) return;
    let rest: Uint8Array = Uint8Array.from(bytes);
    if (!this.#isShaken) {
      const step = this.#handshake.feed(rest);
      if (step.reply.length > 0) this.#send(step.reply);
      if (!step.done) return;
      this.#isShaken = true;
      this.#command('connect', 1, { app: this.#app, flashVer: 'LNX 9,0,124,2', tcUrl: `rtmp://127.0.0.1/${this.#app}` });
      rest = step.rest;
    }
    for (const message of this.#reader.feed(rest)) {
      const body = parseBody(message);
      if (body.kind === 'video') onVideo?.(message.timestampMs);
      if (body.kind === 'command' && body.command.name === '_result') this.#answer(body.command.transactionId);
    }
  }

  #answer(transactionId: number): void {
    if (transactionId === 1) this.#command('createStream', 2, null);
    if (transactionId !== 2) return;
    this.#isPlaying = true;
    this.#send(this.#writer.write(commandMessage({ name: 'play', transactionId: 3, object: null, args: [this.#stream] }, 1)));
  }

  #command(name: string, transactionId: number, object: Record<string, string> | null): void {
    this.#send(this.#writer.write(commandMessage({ name, transactionId, object, args: [] }, 0)));
  }
}

async function start(task: LoadTask): Promise<void> {
  for (let index = 0; index < task.viewers; index += 1) {
    viewers.push(new Viewer(task, index));
    await sleep(APART_MS);
  }
  while (viewers.some((one) => !one.lost && one.bytes < 20_000)) await sleep(50);
  send({ type: 'watching' });
}

function report(): LoadReport {
  for (const viewer of viewers) viewer.end();
  const fast = viewers.filter(({ isSlow }) => !isSlow);
  const sum = (of: readonly Viewer[], value: (viewer: Viewer) => number) => of.reduce((total, viewer) => total + value(viewer), 0);
  return {
    bytes: sum(fast, ({ bytes }) => bytes),
    slowBytes: sum(viewers, ({ bytes, isSlow }) => (isSlow ? bytes : 0)),
    stalls: sum(fast, ({ stalls, lateStalls }) => stalls + lateStalls),
    longestGapMs: Math.max(...fast.map(({ longestGapMs }) => longestGapMs)),
    lost: viewers.filter(({ lost }) => lost).length,
  };
}

const send = (message: FromLoad) => void process.send?.(message);

process.on('message', (message: ToLoad) => {
  if (message.type === 'task') void start(message.task);
  else if (message.type === 'begin') for (const viewer of viewers) viewer.begin();
  else send({ type: 'report', report: report() });
});
process.on('disconnect', () => process.exit(0));
