/**
 * WebSocket-FLV: the bytes of HTTP-FLV in binary messages, for networks and players that do better with it. The queue
 * is the same, and so are the bodies of frames: each is a fragment of a message as it lies in memory.
 */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { WebSocket, WebSocketServer } from 'ws';
import { createWebSocketServer, refuseUpgrade } from '../../process/web-sockets.ts';
import type { Access } from '../access/access.ts';
import type { AddressLimits } from '../access/address-limits.ts';
import { STREAM_NAME } from '../access/stream-keys.ts';
import type { Hub } from '../hub/hub.ts';
import { parseTrackChoice } from '../hub/track-streams.ts';
import type { Ladders } from '../ladder/ladders.ts';
import type { ServerLimits } from '../limits.ts';
import type { ServerMetrics } from '../metrics/metrics.ts';
import type { Certificate } from '../tls.ts';
import { FlvSink, type FlvTarget } from './flv-sink.ts';
import { isOurRequest, isOwnOrigin, isSameOrigin } from './host-check.ts';
import { refusedPlay } from './play-refusal.ts';
import { SOURCE } from './show-info.ts';

export interface WebSocketFlvOptions {
  hub: Hub;
  limits: Pick<ServerLimits, 'viewersMax' | 'viewerPingsPerSecondMax'>;
  access: Access;
  addresses: AddressLimits;
  ladders: Pick<Ladders, 'of'>;
  certificate: Certificate | null;
  boundHost: string;
  metrics: ServerMetrics;
}

/** A viewer has nothing to say: a message of any kind, of any size, ends the connection. */
const MESSAGE_BYTES_MAX = 1;
/** RFC 6455, 7.4.1 */
const GOING_AWAY = 1001;
const POLICY_VIOLATION = 1008;

export class WebSocketFlv {
  readonly #options: WebSocketFlvOptions;
  readonly #server: WebSocketServer = createWebSocketServer(MESSAGE_BYTES_MAX);

  constructor(options: WebSocketFlvOptions) {
    this.#options = options;
  }

  /** Takes an upgrade request, or refuses it in the words of HTTP. */
  async upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    socket.on('error', () => {}); // 'close' follows
    const { hub, limits, addresses } = this.#options;
    const query = (request.url ?? '').split('?')[1] ?? '';
    const { name, rung } = streamAndRung(request);
    const refusal = this.#foreign(request) ?? (name === null ? '404 Not Found' : await this.#forbidden(request, name, query));
    if (refusal) return refuseUpgrade(socket, refusal);
    if (socket.destroyed) return; // left while a hook was asked
    const choice = parseTrackChoice(query);
    const source = hub.stream(name ?? '');
    const chosen = choice && source?.choose(choice);
    const ladder = source && rung !== SOURCE ? this.#options.ladders.of(source) : null;
    const isOffered = rung === SOURCE || ladder?.offers.some((offer) => offer.name === rung);
    if (!chosen || !isOffered) return refuseUpgrade(socket, '404 Not Found');
    const leavePlace = hub.viewers < limits.viewersMax ? addresses.takeViewer(request.socket.remoteAddress, performance.now()) : null;
    if (!leavePlace) return refuseUpgrade(socket, '503 Service Unavailable');
    socket.on('close', leavePlace);
    const stream = ladder?.want(rung) ?? chosen;
    this.#server.handleUpgrade(request, socket, head, (webSocket) => this.#serve(webSocket, request, stream, query));
  }

  #serve(webSocket: WebSocket, request: IncomingMessage, stream: Watchable, query: string): void {
    const { socket } = request;
    this.#options.metrics.traffic.use(socket, 'ws-flv');
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 10_000);
    const timeReferences = new URLSearchParams(query).get('time') === '1';
    const viewer = stream.watch(new FlvSink('ws-flv', new MessageTarget(webSocket, socket), { timeReferences }));
    socket.on('drain', () => viewer.pump());
    webSocket.on('error', () => {}); // 'close' follows
    webSocket.on('close', () => viewer.leave());
    webSocket.on('message', () => webSocket.close(POLICY_VIOLATION, 'Nothing is taken here.'));
    limitPings(webSocket, this.#options.limits.viewerPingsPerSecondMax);
  }

  /** Browsers send Origin with each WebSocket, and let any site open one. */
  #foreign({ headers, method }: IncomingMessage): string | null {
    if (!isOurRequest(headers, this.#options)) return '421 Misdirected Request';
    if (headers.origin !== undefined && !isSameOrigin(headers) && !isOwnOrigin(headers.origin, this.#options.boundHost))
      return '403 Forbidden';
    return method === 'GET' && headers.upgrade?.toLowerCase() === 'websocket' ? null : '400 Bad Request';
  }

  async #forbidden({ socket }: IncomingMessage, name: string, query: string): Promise<string | null> {
    const key = new URLSearchParams(query).get('key');
    const verdict = await this.#options.access.play(name, key, { address: socket.remoteAddress, protocol: 'websocket-flv' });
    switch (refusedPlay(verdict)?.status) {
      case undefined:
        return null;
      case 404:
        return '404 Not Found';
      case 429:
        return '429 Too Many Requests';
      case 503:
        return '503 Service Unavailable';
      default:
        return '403 Forbidden';
    }
  }
}

interface Watchable {
  watch(sink: FlvSink): { pump(): void; leave(): void };
}

/** Of /live/NAME.flv, or of /live/NAME/RUNG.flv. */
function streamAndRung(request: IncomingMessage): { name: string | null; rung: string } {
  const [, name = '', rung = SOURCE] = /^\/live\/([^/?#]+)(?:\/([^/?#]+))?\.flv(?:[?#]|$)/.exec(request.url ?? '') ?? [];
  return { name: STREAM_NAME.test(name) ? name : null, rung };
}

/** Answers to pings are written whether or not the peer reads them. */
function limitPings(webSocket: WebSocket, perSecondMax: number): void {
  let windowAtMs = 0;
  let pings = 0;
  webSocket.on('ping', () => {
    const nowMs = performance.now();
    if (nowMs - windowAtMs > 1_000) {
      windowAtMs = nowMs;
      pings = 0;
    }
    pings += 1;
    if (pings > perSecondMax) webSocket.terminate();
  });
}

class MessageTarget implements FlvTarget {
  readonly #webSocket: WebSocket;
  readonly #socket: Socket;

  constructor(webSocket: WebSocket, socket: Socket) {
    this.#webSocket = webSocket;
    this.#socket = socket;
  }

  get ready(): boolean {
    return this.#webSocket.readyState === this.#webSocket.OPEN && !this.#socket.writableNeedDrain;
  }

  write(pieces: readonly Uint8Array[]): boolean {
    this.#socket.cork();
    pieces.forEach((piece, i) => void this.#webSocket.send(piece, { binary: true, fin: i === pieces.length - 1 }));
    this.#socket.uncork();
    return this.#socket.writableLength === 0;
  }

  end(): void {
    if (this.ready) this.#webSocket.close(GOING_AWAY);
    else this.#webSocket.terminate();
  }
}
