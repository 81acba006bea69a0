/** The media engine in a real Chromium, and what it delivers to the encoder's own listener (or to a whole encoder). */
import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join, resolve } from 'node:path';
import { build } from 'vite';
import { type WebSocket, WebSocketServer } from 'ws';
import type { MediaSink } from '../../../src-main/encoder/media-input.ts';
import { MediaInputs } from '../../../src-main/encoder/media-input.ts';
import { listenForMedia, type MediaListener } from '../../../src-main/encoder/media-listener.ts';
import { type Clock, monotonicClock } from '../../../src-main/process/clock.ts';
import { interfaceHeaders } from '../../../src-main/process/interface-headers.ts';
import { Emitter } from '../../../src-shared/disposable.ts';
import type { MediaDemand } from '../../../src-shared/ipc/contract.ts';
import type { AudioBlock, VideoFrame420 } from '../../../src-shared/ipc/media.ts';
import { PlainChromium } from '../plain-chromium.ts';
import { descendants } from '../processes.ts';
import type { FilterJob, FromPage, ToPage } from './protocol.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const TYPES: Record<string, string> = { '.html': 'text/html', '.js': 'text/javascript', '.wasm': 'application/wasm', '.png': 'image/png' };

/** Bundles the page with the studio's own settings. @returns its folder, to be removed */
export async function buildPage(): Promise<string> {
  if (!existsSync(join(ROOT, 'src-renderer/compositor/wasm/filters.wasm'))) spawnSync(process.execPath, [join(ROOT, 'build/wasm.mjs')]);
  const outDir = await mkdtemp(join(tmpdir(), 'tidecast-page-'));
  await build({
    configFile: false,
    root: import.meta.dirname,
    base: './',
    logLevel: 'warn',
    worker: { format: 'es' },
    build: { outDir, emptyOutDir: true, target: 'chrome114' },
  });
  return outDir;
}

/** Serves the page under the headers of both hosts. */
class PageServer {
  readonly #http: Server;
  readonly #folder: string;
  readonly assets = new Map<string, { type: string; bytes: Uint8Array }>();
  readonly control = new Emitter<WebSocket>();
  readonly #headers: Record<string, string>;

  private constructor(folder: string, permissionsPolicy: string) {
    this.#folder = folder;
    this.#headers = { ...interfaceHeaders(), ...(permissionsPolicy && { 'permissions-policy': permissionsPolicy }) };
    this.#http = createServer((request, response) => void this.#answer(request, response));
    const sockets = new WebSocketServer({ server: this.#http, path: '/control' });
    sockets.on('connection', (socket) => this.control.emit(socket));
  }

  static async start(folder: string, permissionsPolicy: string): Promise<PageServer> {
    const server = new PageServer(folder, permissionsPolicy);
    await new Promise<void>((resolve) => server.#http.listen(0, '127.0.0.1', resolve));
    return server;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#http.closeAllConnections();
    await new Promise((resolve) => this.#http.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? '/', this.origin).pathname;
    const asset = this.assets.get(path.replace('/assets/', ''));
    const file = join(this.#folder, path === '/' ? 'index.html' : path);
    const bytes = asset?.bytes ?? (await readFile(file).catch(() => null));
    const type = asset?.type ?? TYPES[extname(file)] ?? 'application/octet-stream';
    response.writeHead(bytes ? 200 : 404, { 'content-type': type, ...this.#headers });
    response.end(bytes ?? undefined);
  }
}

export interface ReceivedPicture {
  tick: number;
  captureTimeUs: number;
  arrivedUs: number;
}

/** The encoder's listener with a notebook behind it. */
export class Receiver implements MediaSink {
  readonly pictures: ReceivedPicture[] = [];
  readonly blocks: (AudioBlock & { arrivedUs: number })[] = [];
  /** the newest picture with its planes */
  last: VideoFrame420 | null = null;
  /** ticks at which the centre of the picture turned white */
  readonly flashes: number[] = [];
  /** sees each picture as it comes, with its planes */
  onPicture: (frame: VideoFrame420) => void = () => {};
  #wasWhite = false;
  readonly #clock: Clock = monotonicClock();

  video(frame: VideoFrame420, answer: () => void): void {
    this.last = frame;
    this.onPicture(frame);
    const isWhite = (frame.planes[(frame.heightPx / 2 + 0.5) * frame.widthPx] ?? 0) > 200;
    if (isWhite && !this.#wasWhite) this.flashes.push(frame.tick);
    this.#wasWhite = isWhite;
    this.pictures.push({ tick: frame.tick, captureTimeUs: frame.captureTimeUs, arrivedUs: this.nowUs() });
    answer();
  }

  audio(block: AudioBlock): void {
    this.blocks.push({ ...block, samples: block.samples.slice(), arrivedUs: this.nowUs() });
  }

  connected(): void {}

  nowUs(): number {
    return this.#clock.nowUs();
  }
}

export interface PageUnderTestOptions {
  folder: string;
  chromium: string;
  start: Omit<Extract<ToPage, { type: 'start' }>, 'type'>;
  cameraFile?: string;
  microphoneFile?: string;
  /** opens the page in another way than in a plain Chromium */
  browser?: (url: string) => Promise<{ close(): Promise<void> }>;
  /** the page's Permissions-Policy header */
  permissionsPolicy?: string;
  /** another encoder than the Receiver's listener */
  connect?: (origin: string) => Promise<() => { url: string; token: string }>;
}

export class PageUnderTest {
  readonly events: FromPage[] = [];
  readonly receiver = new Receiver();
  readonly #server: PageServer;
  #listener: MediaListener | null = null;
  #browser: { close(): Promise<void>; pid?: number | undefined } | null = null;
  #socket: WebSocket | null = null;
  #lastJob = 0;
  readonly #inputs = new MediaInputs(this.receiver);

  private constructor(server: PageServer) {
    this.#server = server;
  }

  static async open(options: PageUnderTestOptions): Promise<PageUnderTest> {
    const server = await PageServer.start(options.folder, options.permissionsPolicy ?? '');
    const page = new PageUnderTest(server);
    const ticket = options.connect ? await options.connect(server.origin) : await page.#listen();
    server.control.on((socket) => {
      page.#socket = socket;
      socket.on('message', (data) => {
        const event = JSON.parse(String(data)) as FromPage;
        page.events.push(event);
        if (event.type === 'connect') page.tell({ type: 'connection', requestId: event.requestId, ...ticket() });
      });
    });
    const { chromium: executable, cameraFile, microphoneFile } = options;
    const url = `${server.origin}/`;
    page.#browser = options.browser
      ? await options.browser(url)
      : await PlainChromium.open({ executable, url, ...(cameraFile && { cameraFile }), ...(microphoneFile && { microphoneFile }) });
    await page.until('loaded');
    page.tell({ type: 'start', ...options.start });
    return page;
  }

  addAsset(id: string, type: string, bytes: Uint8Array): void {
    this.#server.assets.set(id, { type, bytes });
  }

  tell(message: ToPage): void {
    this.#socket?.send(JSON.stringify(message));
  }

  demand(demand: MediaDemand | null): void {
    this.#inputs.size.set(demand);
    this.tell({ type: 'demand', demand });
  }

  of<T extends FromPage['type']>(type: T): Extract<FromPage, { type: T }>[] {
    return this.events.filter((event): event is Extract<FromPage, { type: T }> => event.type === type);
  }

  /** Waits for an event that comes from now on, or has come. */
  async until<T extends FromPage['type']>(
    type: T,
    fits: (event: Extract<FromPage, { type: T }>) => boolean = () => true,
  ): Promise<Extract<FromPage, { type: T }>> {
    await holds(
      () => this.of(type).some(fits),
      `page event ${type}; events: ${JSON.stringify(this.events.filter(({ type }) => !['meters', 'stats', 'filtered'].includes(type)))}`,
    );
    return this.of(type).findLast(fits) as Extract<FromPage, { type: T }>;
  }

  /** A picture through filters, on one back end. @returns RGBA over magenta */
  async filter(
    job: FilterJob,
  ): Promise<{ widthPx: number; heightPx: number; rgba: Uint8Array; ms: number; costs: Record<string, number> }> {
    const jobId = ++this.#lastJob;
    this.tell({ type: 'filter', jobId, ...job });
    const done = await this.until('filtered', (event) => event.jobId === jobId);
    return { ...done, rgba: Buffer.from(done.rgba, 'base64') };
  }

  /** A picture composed from now on, with its planes. */
  async freshPicture(after = 10): Promise<VideoFrame420> {
    const count = this.receiver.pictures.length + after;
    await holds(() => this.receiver.pictures.length >= count, 'fresh pictures');
    return this.receiver.last as VideoFrame420;
  }

  /** Ends one of this page's own browser's processes, as a crashing driver does. @param flag of its command line */
  kill(flag: string): void {
    const found = descendants(this.#browser?.pid ?? process.pid).filter(({ args }) => args.includes(flag));
    if (found.length === 0) throw new Error(`no process of the browser has ${flag}`);
    for (const { pid } of found) process.kill(pid, 'SIGKILL');
  }

  async close(): Promise<void> {
    await this.#browser?.close();
    this.#inputs.closeAll();
    await this.#listener?.close();
    await this.#server.close();
  }

  async #listen(): Promise<() => { url: string; token: string }> {
    const listener = await listenForMedia(this.#inputs, { host: '127.0.0.1', allowedOrigins: [this.#server.origin] });
    this.#listener = listener;
    return () => {
      const token = randomUUID();
      listener.admit(token, 10_000);
      return { url: listener.url, token };
    };
  }
}

export async function holds(condition: () => boolean, what: string, withinMs = 20_000): Promise<void> {
  const untilMs = performance.now() + withinMs;
  while (!condition()) {
    if (performance.now() > untilMs) throw new Error(`waited ${withinMs} ms in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export async function removeFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}
