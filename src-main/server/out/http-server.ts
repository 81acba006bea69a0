/** The HTTP side: streams as HTTP-FLV, WebSocket-FLV and HLS, the viewer page, and a little JSON. */
import { createReadStream } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Http2ServerResponse } from 'node:http2';
import { type Duplex, pipeline, type Writable } from 'node:stream';
import { lanAddresses } from '../../process/lan-addresses.ts';
import { findStaticFile } from '../../process/static-files.ts';
import type { Access } from '../access/access.ts';
import type { AddressLimits } from '../access/address-limits.ts';
import { STREAM_NAME } from '../access/stream-keys.ts';
import type { Hub } from '../hub/hub.ts';
import type { LiveStream } from '../hub/live-stream.ts';
import { parseTrackChoice } from '../hub/track-streams.ts';
import type { Ladders } from '../ladder/ladders.ts';
import type { ServerLimits } from '../limits.ts';
import type { Certificate } from '../tls.ts';
import { FlvSink, ResponseTarget } from './flv-sink.ts';
import { HlsRoutes } from './hls/routes.ts';
import { isForeign, isLoopback, isOurRequest, isOwnOrigin } from './host-check.ts';
import { createHttpListener, type HttpListener } from './http-listener.ts';
import { KeyframeRequests } from './keyframe-requests.ts';
import { type MetricRouteOptions, sendMetrics, takeBeacon } from './metric-routes.ts';
import { refusedPlay } from './play-refusal.ts';
import { rungInfos, SOURCE } from './show-info.ts';
import { WebSocketFlv } from './ws-flv.ts';

export interface HttpOptions extends MetricRouteOptions {
  hub: Hub;
  ladders: Ladders;
  limits: ServerLimits;
  access: Access;
  addresses: AddressLimits;
  /** null: without TLS */
  certificate: Certificate | null;
  /** the address it will listen on */
  boundHost: string;
  /** directory of the built viewer page */
  viewerRoot: string;
}

interface Exchange {
  options: HttpOptions;
  hls: HlsRoutes;
  keyframeRequests: KeyframeRequests;
  request: IncomingMessage;
  response: ServerResponse;
}

/** Everything the page loads comes from this server; mpegts.js starts its worker and its media from blobs. */
const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "worker-src 'self' blob:",
  "style-src 'self'",
  "img-src 'self' data:",
  "media-src 'self' blob:",
  "connect-src 'self'",
  "frame-ancestors 'self' http://127.0.0.1:* http://localhost:*",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

const ROUTES: [RegExp, (exchange: Exchange, name: string) => void | Promise<void>][] = [
  [/^\/live\/([^/]+(?:\/[^/]+)?)\.flv$/, sendStream],
  [/^\/live\/([^/]+\/.+)$/, sendHls],
  [/^\/watch\/([^/]+)$/, (exchange) => sendFile(exchange, 'index.html', 'no-cache')],
  [/^\/viewer\/(.+)$/, (exchange, path) => sendFile(exchange, path, 'public, max-age=31536000, immutable')],
  [/^\/(?:watch\/?)?$/, redirectToFirst],
  [/^\/api\/streams$/, (exchange) => sendJson(exchange, { streams: exchange.options.hub.stats().map(publicStats) })],
  [/^\/api\/streams\/([^/]+)$/, sendStreamStats],
  [/^\/api\/time$/, (exchange) => sendJson(exchange, { serverTimeMs: Date.now() })],
  [/^\/metrics$/, (exchange) => sendMetrics(exchange, exchange.options)],
  [/^\/health$/, (exchange) => sendJson(exchange, { status: 'ok' })],
];

const POST_ROUTES: typeof ROUTES = [
  [/^\/api\/streams\/([^/]+)\/qoe$/, sendBeacon],
  [/^\/api\/streams\/([^/]+)\/keyframe$/, requestKeyframe],
];

export function createHttpServer(options: HttpOptions): HttpListener {
  const hls = new HlsRoutes(options);
  const keyframeRequests = new KeyframeRequests(options.limits);
  const listener = createHttpListener(options, (request, response) => {
    answer({ options, hls, keyframeRequests, request, response }).catch(() => response.destroy());
  });
  const webSockets = new WebSocketFlv(options);
  listener.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    webSockets.upgrade(request, socket, head).catch(() => socket.destroy());
  });
  return listener;
}

async function answer(exchange: Exchange): Promise<void> {
  const { request, response, options } = exchange;
  response.setHeader('x-content-type-options', 'nosniff');
  response.setHeader('referrer-policy', 'no-referrer');
  response.setHeader('cross-origin-resource-policy', 'same-site');
  if (!isOurRequest(request.headers, options)) {
    return sendText(exchange, 421, 'This server does not answer to that name. Open it by its address.');
  }
  allowOrigin(exchange);
  if (request.method === 'OPTIONS') return sendEmpty(exchange, 204, { allow: 'GET, HEAD, OPTIONS' });
  const path = (request.url ?? '/').replace(/[?#].*$/s, '');
  const isPost = request.method === 'POST' && POST_ROUTES.some(([pattern]) => pattern.test(path));
  if (!isPost && request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD, OPTIONS');
    return sendText(exchange, 405, 'Only GET, HEAD and OPTIONS are served here.');
  }
  for (const [pattern, handle] of isPost ? POST_ROUTES : ROUTES) {
    const match = pattern.exec(path);
    if (match) return await handle(exchange, match[1] ?? '');
  }
  sendText(exchange, 404, 'There is nothing at this address.');
}

function allowOrigin({ request, response, options }: Exchange): void {
  const { origin } = request.headers;
  response.setHeader('vary', 'origin');
  if (!origin || !isOwnOrigin(origin, options.boundHost)) return;
  response.setHeader('access-control-allow-origin', origin);
  response.setHeader('access-control-allow-methods', 'GET, HEAD, OPTIONS');
  response.setHeader('access-control-allow-headers', 'range');
}

/** @param path NAME, or NAME/RUNG */
async function sendStream(exchange: Exchange, path: string): Promise<void> {
  const { request, response, options } = exchange;
  const [name = '', rung = SOURCE] = path.split('/');
  // Pipelined behind another answer, perhaps one without end: node would keep in memory whatever is written for it.
  if (!response.socket) return void request.socket.destroy();
  const query = (request.url ?? '').split('?')[1] ?? '';
  const asked = new URLSearchParams(query);
  const { remoteAddress: address } = request.socket;
  const verdict = options.access.play(name, asked.get('key'), { address, protocol: 'http-flv' });
  const refusal = refusedPlay(verdict instanceof Promise ? await verdict : verdict);
  if (refusal) return sendText(exchange, refusal.status, refusal.text);
  if (!response.socket || request.socket.destroyed) return; // left while a hook was asked
  const choice = parseTrackChoice(query);
  const source = findStream(options.hub, name);
  const chosen = choice && source?.choose(choice);
  if (!source || !chosen) return noStream(exchange);
  const ladder = options.ladders.of(source);
  const isOffered = rung === SOURCE || ladder?.offers.some((offer) => offer.name === rung);
  if (!isOffered) return sendText(exchange, 404, 'There is no such quality of this stream, or not now. Choose another one.');
  const headers = { 'content-type': 'video/x-flv', 'cache-control': 'no-store' };
  if (request.method === 'HEAD') return sendEmpty(exchange, 200, headers);
  const leavePlace = options.hub.viewers < options.limits.viewersMax ? options.addresses.takeViewer(address, performance.now()) : null;
  if (!leavePlace) {
    response.setHeader('retry-after', '10');
    return sendText(exchange, 503, 'This server has as many viewers as it takes. Try again in a moment.');
  }
  const stream = rung === SOURCE ? chosen : (ladder?.want(rung) ?? chosen);
  options.metrics.traffic.use(request.socket, 'flv');
  // not by the version that the request names: HTTP/1.1's parser takes any
  const http2 =
    (response as ServerResponse | Http2ServerResponse) instanceof Http2ServerResponse ? (response as unknown as Http2ServerResponse) : null;
  response.removeHeader('transfer-encoding'); // the body ends with the connection
  response.writeHead(200, http2 ? headers : { ...headers, connection: 'close' });
  response.flushHeaders();
  // whose back-pressure is the viewer's: of HTTP/2 it is the stream
  const channel: Writable = http2?.stream ?? request.socket;
  if (!http2) request.socket.setKeepAlive(true, 10_000);
  const viewer = stream.watch(new FlvSink('flv', new ResponseTarget(response, channel), { timeReferences: asked.get('time') === '1' }));
  channel.on('drain', () => viewer.pump());
  response.on('error', () => {}); // 'close' follows
  response.on('close', () => {
    viewer.leave();
    leavePlace();
  });
}

async function sendHls(exchange: Exchange, path: string): Promise<void> {
  const [name = '', ...rest] = path.split('/');
  const stream = findStream(exchange.options.hub, name);
  exchange.options.metrics.traffic.use(exchange.request.socket, 'hls');
  if (stream) await exchange.hls.serve(exchange, stream, rest.join('/'));
  else noStream(exchange);
}

/**
 * A viewer that joined, recovered or sees garbage asks for an IDR, of ?rung=480p where it watches one. 202: it was asked for.
 * 409: the publisher came by RTMP from elsewhere, which cannot be asked.
 */
function requestKeyframe(exchange: Exchange, name: string): void {
  const { request, response, options, keyframeRequests } = exchange;
  if (isForeign(request, options.boundHost)) return sendText(exchange, 403, 'Other sites may not use this stream.');
  if (Number(request.headers['content-length'] ?? 0) > 0 || request.headers['transfer-encoding']) {
    response.setHeader('connection', 'close');
    return sendText(exchange, 413, 'This request has no body.');
  }
  const source = findStream(options.hub, name);
  if (!source) return noStream(exchange);
  if (!keyframeRequests.admit(request.socket.remoteAddress ?? '', performance.now())) {
    response.setHeader('retry-after', '1');
    return sendText(exchange, 429, 'A keyframe was asked for too often from here. One is on its way.');
  }
  const rung = new URLSearchParams((request.url ?? '').split('?')[1]).get('rung') ?? SOURCE;
  const stream = rung === SOURCE ? source : options.ladders.of(source)?.rungs.get(rung)?.stream;
  const outcome = stream?.requestIdr() ?? 'not-publishing';
  const answer = JSON.stringify({ outcome });
  send(exchange, { asked: 202, cannot: 409, 'not-publishing': 404 }[outcome], 'application/json', answer);
}

function findStream(hub: Hub, name: string): LiveStream | null {
  return STREAM_NAME.test(name) ? hub.stream(name) : null;
}

async function sendBeacon(exchange: Exchange, name: string): Promise<void> {
  const stream = findStream(exchange.options.hub, name);
  if (stream) await takeBeacon(exchange, stream.name, exchange.options);
  else noStream(exchange);
}

function noStream(exchange: Exchange): void {
  sendText(exchange, 404, 'There is no stream of this name.');
}

/** What anyone who can reach the server may know. */
function publicStats({ name, publishing, viewers, bitrateKbps }: ReturnType<Hub['stats']>[number]) {
  return { name, publishing, viewers, bitrateKbps };
}

function sendStreamStats(exchange: Exchange, name: string): void {
  const stream = findStream(exchange.options.hub, name);
  if (!stream) return noStream(exchange);
  const ladder = exchange.options.ladders.of(stream);
  const rehearsal = isLoopback(exchange.options.boundHost);
  sendJson(exchange, {
    ...publicStats(stream.stats()),
    tracks: stream.tracks,
    rehearsal,
    rungs: rungInfos(stream, ladder),
    /** why some are missing: not-enough-cpu, failed; null: none is */
    ladderProblem: ladder?.problem ?? null,
    addresses: rehearsal ? [] : addressesOf(exchange),
  });
}

/** For the page that is open on this machine: where others find it. */
function addressesOf({ request, options }: Exchange): string[] {
  const hosts = options.boundHost === '0.0.0.0' || options.boundHost === '::' ? lanAddresses() : [options.boundHost];
  const scheme = options.certificate ? 'https' : 'http';
  return hosts.map((host) => `${scheme}://${host.includes(':') ? `[${host}]` : host}:${request.socket.localPort}`);
}

function redirectToFirst(exchange: Exchange): void {
  const [first] = exchange.options.hub.stats();
  if (first) sendEmpty(exchange, 302, { location: `/watch/${first.name}` });
  else noStream(exchange);
}

async function sendFile(exchange: Exchange, path: string, cacheControl: string): Promise<void> {
  const { response, request, options } = exchange;
  const file = await findStaticFile(options.viewerRoot, `/${path}`);
  if (!file) {
    if (path === 'index.html') return sendText(exchange, 503, 'The viewer page is not built. Run the build, then reload.');
    return sendText(exchange, 404, 'There is nothing at this address.');
  }
  response.writeHead(200, {
    'content-type': file.contentType,
    'content-length': file.sizeBytes,
    'cache-control': cacheControl,
    'content-security-policy': PAGE_POLICY,
  });
  if (request.method === 'HEAD') return void response.end();
  pipeline(createReadStream(file.path), response, () => {}); // a reader that left, or a file that vanished: the connection is closed
}

function sendJson(exchange: Exchange, value: unknown): void {
  send(exchange, 200, 'application/json', JSON.stringify(value));
}

function sendText(exchange: Exchange, status: number, text: string): void {
  send(exchange, status, 'text/plain; charset=utf-8', `${text}\n`);
}

function send({ request, response }: Exchange, status: number, contentType: string, text: string): void {
  response.writeHead(status, { 'content-type': contentType, 'content-length': Buffer.byteLength(text), 'cache-control': 'no-store' });
  response.end(request.method === 'HEAD' ? undefined : text);
}

function sendEmpty({ response }: Exchange, status: number, headers: Record<string, string>): void {
  response.writeHead(status, headers);
  response.end();
}
