/**
 * The browser host's HTTP server: the interface's files, the user's pictures, and the engine's WebSocket.
 * It listens on loopback, but other pages in the user's browser can reach loopback too: every request must name us
 * as its Host (against DNS rebinding), and a WebSocket must come from our own page and show the token.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { z } from 'zod';
import { StudioError } from '../../src-shared/errors.ts';
import type { Channel } from '../../src-shared/ipc/channel.ts';
import { ASSET_BYTES_MAX } from '../../src-shared/ipc/contract.ts';
import { type WebSocketLike, webSocketChannel } from '../../src-shared/ipc/web-socket-channel.ts';
import { interfaceHeaders } from '../process/interface-headers.ts';
import { createLoopbackServer, type LoopbackLimits } from '../process/loopback-server.ts';
import { findStaticFile } from '../process/static-files.ts';
import { createWebSocketServer, refuseUpgrade } from '../process/web-sockets.ts';

const HOST = '127.0.0.1';
/** an asset travels as base64 inside JSON */
const MESSAGE_BYTES_MAX = Math.ceil((ASSET_BYTES_MAX * 4) / 3) + 64 * 1024;
const HELLO_TIMEOUT_MS = 5_000;
/** until the token is shown; a hello is a tenth of it */
const GREETING_BYTES_MAX = 4 * 1024;
const GREETING_MAX = 16;
const CONNECTIONS_MAX = 64;
/** 4000 to 4999 are free for applications (RFC 6455, 7.4.2) */
const CLOSE_UNAUTHORISED = 4401;
/** The first message of a page; calls follow. */
const EngineHello = z.strictObject({ type: z.literal('hello'), token: z.string().max(200) });
const PICTURE_HEADERS = {
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
  'cross-origin-resource-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'cache-control': 'private, max-age=31536000, immutable',
};

export interface WebServerOptions {
  /** null: `usualPort`, or a free one when it is taken */
  port: number | null;
  usualPort: number;
  /** out/renderer */
  rendererDirectory: string;
  token: string;
  /** origins beside our own whose pages may connect, such as the desktop window's */
  extraOrigins: string[];
  /** left out: the usual ones */
  limits?: Partial<LoopbackLimits>;
}

/** What the server passes on; set once the engine is up. */
export interface Backend {
  attach(channel: Channel): void;
  readAsset(id: string): Promise<{ bytes: Uint8Array; mimeType: string } | null>;
}

export class WebServer {
  readonly #server: Server;
  readonly #sockets = createWebSocketServer(MESSAGE_BYTES_MAX);
  /** connections that have not shown the token */
  #greeting = 0;
  readonly #options: WebServerOptions;
  readonly #port: number;
  #backend: Backend | null = null;

  private constructor(options: WebServerOptions, server: Server) {
    this.#options = options;
    this.#server = server;
    this.#port = (server.address() as AddressInfo).port;
    server.on('request', (request, response) => void this.#answer(request, response).catch(() => response.destroy()));
    server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
  }

  /** @throws StudioError server.port-in-use when exactly this port was asked for and is taken */
  static async listen(options: WebServerOptions): Promise<WebServer> {
    const server = createLoopbackServer(options.limits);
    const wanted = options.port ?? options.usualPort;
    if (!(await listen(server, wanted))) {
      if (options.port !== null)
        throw new StudioError(
          'server.port-in-use',
          `Port ${wanted} is taken by another program. Choose another with --port, or leave it out.`,
        );
      await listen(server, 0);
    }
    return new WebServer(options, server);
  }

  get origin(): string {
    return `http://${HOST}:${this.#port}`;
  }

  /** Origins whose pages may connect. */
  get origins(): string[] {
    return [this.origin, `http://localhost:${this.#port}`, ...this.#options.extraOrigins];
  }

  serve(backend: Backend): void {
    this.#backend = backend;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets.clients) socket.terminate();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #named(request: IncomingMessage): boolean {
    const host = request.headers.host;
    return host === `${HOST}:${this.#port}` || host === `localhost:${this.#port}`;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!this.#named(request)) return end(response, 421, 'This address is not ours.');
    if (request.method !== 'GET' && request.method !== 'HEAD') return end(response, 405, 'Only GET and HEAD.');
    // Anything can stand in a request's target, `//` too, which is no URL: it must not throw.
    const path = URL.parse(request.url ?? '/', this.origin)?.pathname;
    if (path === undefined) return end(response, 400, 'This is no address.');
    const assetId = /^\/assets\/([A-Za-z0-9_-]{1,64})$/.exec(path)?.[1];
    if (assetId !== undefined && (await this.#sendAsset(assetId, request, response))) return;
    const file = await findStaticFile(this.#options.rendererDirectory, path);
    if (!file) return end(response, 404, path === '/' ? 'The interface is not built. Run: npm run build' : 'Not found.');
    response.writeHead(200, {
      ...interfaceHeaders(),
      'content-type': file.contentType,
      'content-length': file.sizeBytes,
      'cache-control': 'no-cache',
    });
    if (request.method === 'HEAD') response.end();
    else
      createReadStream(file.path)
        .on('error', () => response.destroy())
        .pipe(response);
  }

  /** The bundle keeps its own files under /assets too; their names are longer than an id or hold a dot. */
  async #sendAsset(id: string, request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    const asset = await this.#backend?.readAsset(id);
    if (!asset) return false;
    response.writeHead(200, { ...PICTURE_HEADERS, 'content-type': asset.mimeType, 'content-length': asset.bytes.byteLength });
    response.end(request.method === 'HEAD' ? undefined : asset.bytes);
    return true;
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => {});
    if (!this.#named(request)) return refuseUpgrade(socket, '421 Misdirected Request');
    if (request.url !== '/engine') return refuseUpgrade(socket, '404 Not Found');
    if (!this.origins.includes(request.headers.origin ?? '')) return refuseUpgrade(socket, '403 Forbidden');
    const backend = this.#backend;
    const isFull = this.#greeting >= GREETING_MAX || this.#sockets.clients.size >= CONNECTIONS_MAX;
    if (!backend || isFull) return refuseUpgrade(socket, '503 Service Unavailable');
    this.#sockets.handleUpgrade(request, socket, head, (opened) => {
      this.#greeting += 1;
      const unlimit = limitBytes(socket, GREETING_BYTES_MAX); // behind the reader of `opened`: what it has greeted is limited no more
      this.#greet(opened, backend, unlimit);
    });
  }

  /** The first message must show the token; only then does the engine hear of the connection. */
  #greet(socket: WebSocket, backend: Backend, unlimit: () => void): void {
    socket.on('error', () => {}); // a broken frame or one too large: ws closes the socket with its reason
    const channel = webSocketChannel(socket as WebSocketLike);
    const reject = () => socket.close(CLOSE_UNAUTHORISED, 'unauthorised: this token is not the one of this run');
    const timer = setTimeout(reject, HELLO_TIMEOUT_MS);
    let isGreeting = true;
    const greeted = () => {
      clearTimeout(timer);
      if (isGreeting) this.#greeting -= 1;
      isGreeting = false;
    };
    channel.onClose(greeted);
    const off = channel.onMessage((message) => {
      off();
      const hello = EngineHello.safeParse(message.kind === 'json' ? message.value : null);
      if (!hello.success || !sameSecret(hello.data.token, this.#options.token)) return reject();
      greeted();
      unlimit();
      backend.attach(channel);
    });
  }
}

/** Cuts off who says more than so much. @returns lets it say all it likes */
function limitBytes(socket: Duplex, bytesMax: number): () => void {
  let leftBytes = bytesMax;
  const count = (bytes: Buffer) => {
    leftBytes -= bytes.length;
    if (leftBytes < 0) socket.destroy();
  };
  socket.on('data', count);
  return () => {
    leftBytes = Number.POSITIVE_INFINITY; // what is being told of just now counts no more either
    socket.off('data', count);
  };
}

/** Takes the same time wherever the two differ. */
function sameSecret(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}

function listen(server: Server, port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' || error.code === 'EACCES' ? resolve(false) : reject(error);
    server.once('error', fail);
    server.listen(port, HOST, () => {
      server.off('error', fail);
      resolve(true);
    });
  });
}

function end(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' });
  response.end(text);
}
