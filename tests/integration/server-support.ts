/** The live server in this process, with real and with ill-behaved peers. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LadderSettings, RecordOptions } from '../../src-main/process/server-contract.ts';
import { NodeServiceHost, type ServiceHost } from '../../src-main/process/service.ts';
import { createLiveServer, type LiveServer } from '../../src-main/server/create-server.ts';
import type { ServerLimits } from '../../src-main/server/limits.ts';
import { encode } from '../../src-main/wire/amf0.ts';
import { FlvReader, parseVideoBody, TAG } from '../../src-main/wire/flv.ts';
import { ChunkReader, ChunkWriter, type RtmpMessage } from '../../src-main/wire/rtmp/chunk.ts';
import type { Command } from '../../src-main/wire/rtmp/command.ts';
import { ClientHandshake, RANDOM_BYTES } from '../../src-main/wire/rtmp/handshake.ts';
import { type Body, commandMessage, parseBody } from '../../src-main/wire/rtmp/message.ts';
import type { StudioError } from '../../src-shared/errors.ts';
import { node24, repoRoot, requireTool } from '../support/find-tools.ts';
import { selfSigned } from '../support/self-signed.ts';

export const KEY = 'sesame';
/** paths below it must still lead nowhere */
const noPage = join(repoRoot, 'viewer/src');

export interface TestServer extends LiveServer {
  idrWanted: string[];
  incidents: StudioError[];
  httpPort: number;
  rtmpPort: number;
}

export interface TestLadder {
  settings: LadderSettings;
  services?: ServiceHost;
  cores?: number;
}

interface Where {
  rtmpPort?: number;
  httpPort?: number;
  viewerRoot?: string;
  ladder?: TestLadder;
  record?: RecordOptions;
  /** to watch it */
  playKey?: string;
  /** is asked who may */
  onPlay?: string;
  /** a publisher's encoder that hears of what viewers want */
  onIdrWanted?: () => void;
  /** a certificate that is the server's own */
  secure?: boolean;
}

async function certificateFiles() {
  const folder = mkdtempSync(join(tmpdir(), 'tidecast-tls-'));
  const { cert, key } = await selfSigned();
  const [certFile, keyFile] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  writeFileSync(certFile, cert);
  writeFileSync(keyFile, key);
  return { files: { certFile, keyFile }, remove: () => rmSync(folder, { recursive: true }) };
}

/** @param where ports to take again, the built page, and where shows are kept */
export async function startServer(limits: Partial<ServerLimits> = {}, where: Where = {}): Promise<TestServer> {
  const idrWanted: string[] = [];
  const incidents: StudioError[] = [];
  const { rtmpPort: rtmp = 0, httpPort: http = 0, viewerRoot = noPage, ladder, record, playKey, onPlay, secure, onIdrWanted } = where;
  const certificate = secure ? await certificateFiles() : null;
  const options = {
    host: '127.0.0.1',
    rtmpPort: rtmp,
    httpPort: http,
    streams: [{ name: 'live', key: KEY, ...(playKey === undefined ? {} : { playKey }) }],
    ladder: ladder?.settings ?? null,
    record,
    ...(onPlay === undefined ? {} : { onPlay }),
    ...(certificate && { tls: { ...certificate.files, rtmpsPort: 0 } }),
  };
  const live = await createLiveServer(options, {
    viewerRoot,
    onIdrWanted: (stream) => {
      idrWanted.push(stream);
      onIdrWanted?.();
    },
    onIncident: (failure) => incidents.push(failure),
    limits,
    ladder: { services: ladder?.services ?? new NodeServiceHost(node24), ...(ladder?.cores ? { cores: ladder.cores } : {}) },
  });
  certificate?.remove(); // it has been read
  const httpPort = Number(new URL(live.httpUrl).port);
  const rtmpPort = Number(new URL(live.rtmpUrl.replace('rtmp:', 'http:')).port);
  return { ...live, idrWanted, incidents, httpPort, rtmpPort };
}

/** Waits for something that must come. @throws Error that names it, where it has not come within half a minute */
export async function until(condition: () => boolean | Promise<boolean>, withinMs = 30_000): Promise<void> {
  const untilMs = performance.now() + withinMs;
  while (!(await condition())) {
    if (performance.now() > untilMs) throw new Error(`in ${withinMs / 1_000} s it never came: ${condition.toString().slice(0, 200)}`);
    await sleep(20);
  }
}

/** Writes bytes so that they arrive piece by piece: what is written in one turn, node sends together. */
export async function writePieces(socket: Socket, bytes: Uint8Array, pieceBytes: number): Promise<void> {
  socket.setNoDelay(true);
  for (let at = 0; at < bytes.length && socket.writable; at += pieceBytes) {
    await new Promise<void>((resolve) => void socket.write(bytes.subarray(at, at + pieceBytes), () => resolve()));
    await new Promise(setImmediate);
  }
}

export const publishing = (server: LiveServer) => server.stats()[0]?.publishing === true;

export interface ClipOptions {
  seconds?: number;
  gopFrames?: number;
  bFrames?: number;
  bitrateKbps?: number;
  size?: string;
  /** a film to be looped in the test picture's place */
  film?: string;
}

/** FFmpeg publishing a looped test picture with a tone, encoded once: cheap enough for many at a time. */
export class Publishers {
  readonly #directory = mkdtempSync(join(tmpdir(), 'tidecast-server-'));
  readonly #children = new Set<ChildProcess>();

  async clip({ seconds = 4, gopFrames = 30, bFrames = 0, bitrateKbps = 600, size = '320x180', film }: ClipOptions = {}): Promise<string> {
    const file = join(this.#directory, `${seconds}-${gopFrames}-${bFrames}-${bitrateKbps}-${size}${film ? '-film' : ''}.flv`);
    const rate = `${bitrateKbps}k`;
    const picture = film ? ['-stream_loop', '-1', '-i', film] : ['-f', 'lavfi', '-i', `testsrc2=s=${size}:r=30`];
    const args = ['-v', 'error', '-y', ...picture, '-f', 'lavfi', '-i', 'sine=r=48000', '-map', '0:v', '-map', '1:a', '-t', `${seconds}`];
    args.push(
      '-c:v',
      'libx264',
      '-preset',
      'ultrafast',
      '-pix_fmt',
      'yuv420p',
      '-g',
      `${gopFrames}`,
      '-bf',
      `${bFrames}`,
      '-sc_threshold',
      '0',
    );
    args.push('-b:v', rate, '-maxrate', rate, '-bufsize', rate, '-x264-params', 'filler=1', '-c:a', 'aac', '-f', 'flv', file);
    const { code, errors } = await runTool('ffmpeg', args);
    if (code !== 0) throw new Error(errors);
    return file;
  }

  /** @returns the process; its stderr is in `errors` */
  publish(file: string, url: string): { child: ChildProcess; errors: () => string; ended: Promise<number | null> } {
    const args = ['-v', 'error', '-re', '-stream_loop', '-1', '-i', file, '-c', 'copy', '-f', 'flv', url];
    const child = spawn(requireTool('ffmpeg'), args, { stdio: ['ignore', 'ignore', 'pipe'] });
    this.#children.add(child);
    let errors = '';
    child.stderr?.on('data', (data: Buffer) => (errors += data));
    const ended = once(child, 'close').then(([code]) => {
      this.#children.delete(child);
      return code as number | null;
    });
    return { child, errors: () => errors, ended };
  }

  async close(): Promise<void> {
    const children = [...this.#children];
    const ended = children.map((child) => once(child, 'close'));
    for (const child of children) child.kill('SIGKILL');
    await Promise.all(ended);
    rmSync(this.#directory, { recursive: true });
  }
}

export async function runTool(name: 'ffmpeg' | 'ffprobe', args: string[]): Promise<{ code: number | null; out: string; errors: string }> {
  const child = spawn(requireTool(name), args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  let errors = '';
  child.stdout.on('data', (data: Buffer) => (out += data));
  child.stderr.on('data', (data: Buffer) => (errors += data));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, out, errors };
}

export interface SeenTag {
  kind: 'script' | 'audio' | 'video';
  timestampMs: number;
  /** a sequence header */
  header: boolean;
  key: boolean;
  compositionMs: number;
  data: Uint8Array;
  /** wall clock, Unix time */
  arrivedAtMs: number;
}

/** A viewer over HTTP-FLV that keeps what it gets. */
export class FlvViewer {
  readonly tags: SeenTag[] = [];
  ended = false;
  readonly #response: IncomingMessage;
  readonly #reader = new FlvReader();

  private constructor(response: IncomingMessage) {
    this.#response = response;
    response.on('data', (bytes: Buffer) => this.tags.push(...this.#reader.feed(bytes).map(see)));
    response.on('close', () => {
      this.ended = true;
    });
    response.on('error', () => {}); // 'close' follows
  }

  static async open(url: string): Promise<FlvViewer> {
    const [response] = (await once(get(url), 'response')) as [IncomingMessage];
    return new FlvViewer(response);
  }

  /** Stops reading, so that the sockets fill up. */
  pause(): void {
    this.#response.pause();
  }

  resume(): void {
    this.#response.resume();
  }

  close(): void {
    this.#response.destroy();
  }

  get frames(): SeenTag[] {
    return this.tags.filter(({ kind, header }) => kind !== 'script' && !header);
  }

  get videos(): SeenTag[] {
    return this.frames.filter(({ kind }) => kind === 'video');
  }
}

function see({ type, timestampMs, data }: { type: number; timestampMs: number; data: Uint8Array }): SeenTag {
  const arrivedAtMs = Date.now();
  const kind = type === TAG.video ? 'video' : type === TAG.audio ? 'audio' : 'script';
  if (kind !== 'video')
    return { kind, timestampMs, header: kind === 'audio' && data[1] === 0, key: false, compositionMs: 0, data, arrivedAtMs };
  const { packet, key, compositionMs } = parseVideoBody(data);
  return { kind, timestampMs, header: packet === 'header', key: key && packet === 'nalu', compositionMs, data, arrivedAtMs };
}

/** A raw RTMP client: says exactly what a test wants said. */
export class RawRtmp {
  readonly socket: Socket;
  readonly bodies: Body[] = [];
  /** what it was sent of pictures */
  readonly videos: RtmpMessage[] = [];
  closed = false;
  readonly #writer = new ChunkWriter();
  readonly #reader = new ChunkReader();
  readonly #handshake = new ClientHandshake(randomBytes(RANDOM_BYTES));
  #handshaken = false;

  constructor(port: number) {
    this.socket = connect(port, '127.0.0.1');
    this.socket.on('data', (bytes) => this.#receive(bytes));
    this.socket.on('error', () => {}); // 'close' follows
    this.socket.on('close', () => {
      this.closed = true;
    });
  }

  async shakeHands(): Promise<void> {
    this.socket.write(this.#handshake.hello);
    await until(() => this.#handshaken || this.closed);
  }

  send(message: RtmpMessage): void {
    this.socket.write(this.#writer.write(message));
  }

  command(name: string, object: Command['object'], args: Command['args'] = [], streamId = 0): void {
    this.send(commandMessage({ name, transactionId: 1, object, args }, streamId));
  }

  /** A message of raw AMF0 values, whatever they are. */
  values(type: number, values: Parameters<typeof encode>[0]): void {
    this.send({ chunkStreamId: 3, type, streamId: 0, timestampMs: 0, payload: encode(values) });
  }

  /** The codes of all statuses so far. */
  get codes(): string[] {
    return this.bodies
      .flatMap((body) => (body.kind === 'command' ? body.command.args : []))
      .flatMap((arg) => (arg as { code?: string } | null)?.code ?? []);
  }

  #receive(bytes: Uint8Array): void {
    let rest = bytes;
    if (!this.#handshaken) {
      const step = this.#handshake.feed(bytes);
      if (step.reply.length > 0) this.socket.write(step.reply);
      this.#handshaken = step.done;
      rest = step.rest;
    }
    if (!this.#handshaken) return;
    for (const message of this.#reader.feed(rest)) {
      const body = parseBody(message);
      this.bodies.push(body);
      if (body.kind === 'video') this.videos.push(message);
    }
  }
}

/** Sends text to a port; resolves with everything that came back once the other side closed. */
export async function exchange(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let out = '';
  socket.on('data', (data) => (out += data));
  socket.on('error', () => {}); // 'close' follows
  socket.write(text);
  await once(socket, 'close');
  return out;
}
