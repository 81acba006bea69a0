/**
 * The encoder's own WebSocket listener: pictures and sound come straight from the renderer.
 * Bound to loopback; Host and Origin must be on the lists (against DNS rebinding and other pages); no message is ever
 * larger than what is demanded; the hello with its one-time token is checked in media-input.
 */
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { WebSocket } from 'ws';
import { type WebSocketLike, webSocketChannel } from '../../src-shared/ipc/web-socket-channel.ts';
import { i420Bytes } from '../../src-shared/units.ts';
import { createLoopbackServer, type LoopbackLimits } from '../process/loopback-server.ts';
import { createWebSocketServer, refuseUpgrade } from '../process/web-sockets.ts';
import { AUDIO_MESSAGE_BYTES_MAX, type MediaInputs } from './media-input.ts';

/** Picture and sound, and the same again while a page reloads; as many may be without a good hello, apart from these. */
const CONNECTIONS_MAX = 4;
const PATH = '/media';
/** While nothing is demanded: the largest picture a profile can ask for. */
const PICTURE_BYTES_MAX = i420Bytes(7_680, 4_320);
const TRY_AGAIN = 1013; // RFC 6455, 7.4.1 and the IANA registry: the larger picture needs a new connection

export interface MediaListener {
  readonly url: string;
  /** Lets one connection in. */
  admit(token: string, validMs: number): void;
  /** After a change of the demanded size: closes connections that could not carry it. */
  sizeChanged(): void;
  close(): Promise<void>;
}

export interface MediaListenerOptions {
  host: string;
  allowedOrigins: string[];
  /** left out: the usual ones */
  limits?: Partial<LoopbackLimits>;
}

export async function listenForMedia(inputs: MediaInputs, options: MediaListenerOptions): Promise<MediaListener> {
  const tokens = new OneTimeTokens();
  const limits = new Map<WebSocket, number>();
  const greeting = new Set<WebSocket>();
  const http = createLoopbackServer(options.limits, (_request, response) => void response.writeHead(426, { connection: 'close' }).end());
  const sockets = createWebSocketServer(0);
  const messageBytesMax = () => Math.max(AUDIO_MESSAGE_BYTES_MAX, inputs.size.messageBytes ?? PICTURE_BYTES_MAX);

  http.on('upgrade', (request, socket, head) => {
    socket.on('error', () => {}); // a vanished peer
    const isFull = greeting.size >= CONNECTIONS_MAX || limits.size >= 2 * CONNECTIONS_MAX;
    const refusal = whyRefused(request, options.allowedOrigins, (http.address() as AddressInfo).port, isFull);
    if (refusal) return refuseUpgrade(socket, refusal);
    sockets.options.maxPayload = messageBytesMax();
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      limits.set(webSocket, messageBytesMax());
      greeting.add(webSocket);
      webSocket.on('close', () => {
        limits.delete(webSocket);
        greeting.delete(webSocket);
      });
      webSocket.on('error', () => {}); // too large or malformed: ws has closed it with the right code
      inputs.accept(webSocketChannel(webSocket as unknown as WebSocketLike), (token) => {
        const isGood = tokens.redeem(token);
        if (isGood) greeting.delete(webSocket);
        return isGood;
      });
    });
  });
  await new Promise<void>((resolve, reject) => {
    http.once('error', reject);
    http.listen(0, options.host, resolve);
  });

  return {
    url: `ws://${options.host}:${(http.address() as AddressInfo).port}${PATH}`,
    admit: (token, validMs) => tokens.add(token, validMs),
    sizeChanged() {
      for (const [webSocket, limit] of limits) if (limit < messageBytesMax()) webSocket.close(TRY_AGAIN, 'the pictures have grown');
    },
    async close() {
      for (const webSocket of limits.keys()) webSocket.terminate();
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}

function whyRefused(request: IncomingMessage, allowedOrigins: string[], port: number, isFull: boolean): string | null {
  const { host, origin } = request.headers;
  if (host !== `127.0.0.1:${port}` && host !== `localhost:${port}`) return '421 Misdirected Request';
  if (!origin || !allowedOrigins.includes(origin)) return '403 Forbidden';
  if (request.url !== PATH) return '404 Not Found';
  return isFull ? '503 Service Unavailable' : null;
}

class OneTimeTokens {
  readonly #validUntilMs = new Map<string, number>();

  add(token: string, validMs: number): void {
    const nowMs = performance.now();
    for (const [old, untilMs] of this.#validUntilMs) if (untilMs < nowMs) this.#validUntilMs.delete(old);
    this.#validUntilMs.set(token, nowMs + validMs);
  }

  redeem(token: string): boolean {
    const untilMs = this.#validUntilMs.get(token);
    return this.#validUntilMs.delete(token) && untilMs !== undefined && performance.now() <= untilMs;
  }
}
