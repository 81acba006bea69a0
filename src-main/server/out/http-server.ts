/** The HTTP side: streams as HTTP-FLV, WebSocket-FLV and HLS, the viewer page, and a little JSON. */
import { createReadStream } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Http2ServerResponse } from 'node:http2';
import { type Duplex, pipeline, type Writable } from 'node:stream';
import { findStaticFile } from '../../process/static-files.ts';
import { parseTrackChoice } from '../hub/track-streams.ts';
import { parseVia, VIA_HEADER, viaProblem } from '../relay/via.ts';
import { requestKeyframe, sendBeacon, sendStreamStats, sendStreams } from './api-routes.ts';
import { type Exchange, findStream, type HttpOptions, noStream, sendEmpty, sendJson } from './exchange.ts';
import { FlvSink, ResponseTarget } from './flv-sink.ts';
import { sendText } from './hls/replies.ts';
import { HlsRoutes } from './hls/routes.ts';
import { isOurRequest, isOwnOrigin } from './host-check.ts';
import { createHttpListener, type HttpListener } from './http-listener.ts';
import { KeyframeRequests } from './keyframe-requests.ts';
import { sendMetrics } from './metric-routes.ts';
import { refusedPlay } from './play-refusal.ts';
import { SOURCE } from './show-info.ts';
import { VodRoutes } from './vod/routes.ts';
import { WebSocketFlv } from './ws-flv.ts';

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
  [/^\/vod\/(.+)$/, sendVod],
  [/^\/watch\/([^/]+)$/, (exchange) => sendFile(exchange, 'index.html', 'no-cache')],
  [/^\/watch\/[^/]+\/([^/]+)$/, (exchange) => sendFile(exchange, 'recorded.html', 'no-cache')],
  [/^\/viewer\/(.+)$/, (exchange, path) => sendFile(exchange, path, 'public, max-age=31536000, immutable')],
  [/^\/(?:watch\/?)?$/, redirectToFirst],
  [/^\/api\/streams$/, sendStreams],
  [/^\/api\/streams\/([^/]+)$/, sendStreamStats],
  [/^\/api\/streams\/([^/]+)\/shows$/, (exchange, name) => exchange.vod.list(exchange, name)],
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
  const vod = new VodRoutes(options);
  const keyframeRequests = new KeyframeRequests(options.limits);
  const listener = createHttpListener(options, (request, response) => {
    const endless = letGoAfter(response, options.limits.answerMs);
    answer({ options, hls, vod, keyframeRequests, request, response, endless }).catch(() => response.destroy());
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

/**
 * Who takes little or nothing of an answer would have it kept for ever; above all on HTTP/2, where the peer opens the windows.
 * @returns to be called for an answer that is not meant to end
 */
function letGoAfter(response: ServerResponse, ms: number): () => void {
  const timer = setTimeout(() => response.destroy(), ms);
  const endless = () => clearTimeout(timer);
  response.on('close', endless);
  return endless;
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
  const via = parseVia(request.headers[VIA_HEADER]);
  const choice = parseTrackChoice(query);
  const source = findStream(options.hub, name);
  const chosen = choice && source?.choose(choice);
  if (!source || !chosen) return noStream(exchange);
  const circle = viaProblem(via, options.hub.id, source.origin?.hopsMax);
  if (circle !== null) return sendText(exchange, 508, circle);
  const ladder = options.ladders.of(source);
  const isOffered = rung === SOURCE || ladder?.offers.some((offer) => offer.name === rung);
  if (!isOffered) return sendText(exchange, 404, 'There is no such quality of this stream, or not now. Choose another one.');
  const headers = { 'content-type': 'video/x-flv', 'cache-control': 'no-store' };
  if (request.method === 'HEAD') return sendEmpty(exchange, 200, headers);
  const leavePlace = options.hub.viewers < options.limits.viewersMax ? options.addresses.takeViewer(address, performance.now()) : null;
  if (!leavePlace) {
    return sendText(exchange, 503, 'This server has as many viewers as it takes. Try again in a moment.', { 'retry-after': '10' });
  }
  const stream = rung === SOURCE ? chosen : (ladder?.want(rung) ?? chosen);
  options.metrics.traffic.use(request.socket, 'flv');
  exchange.endless();
  // not by the version that the request names: HTTP/1.1's parser takes any
  const http2 =
    (response as ServerResponse | Http2ServerResponse) instanceof Http2ServerResponse ? (response as unknown as Http2ServerResponse) : null;
  response.removeHeader('transfer-encoding'); // the body ends with the connection
  response.writeHead(200, http2 ? headers : { ...headers, connection: 'close' });
  response.flushHeaders();
  // whose back-pressure is the viewer's: of HTTP/2 it is the stream
  const channel: Writable = http2?.stream ?? request.socket;
  if (!http2) request.socket.setKeepAlive(true, 10_000);
  const downstream = { via, letGo: () => void response.destroy() };
  if (via.hops > 0) source.downstream.add(downstream);
  const viewer = stream.watch(new FlvSink('flv', new ResponseTarget(response, channel), { timeReferences: asked.get('time') === '1' }));
  channel.on('drain', () => viewer.pump());
  response.on('error', () => {}); // 'close' follows
  response.on('close', () => {
    source.downstream.delete(downstream);
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

async function sendVod(exchange: Exchange, path: string): Promise<void> {
  exchange.options.metrics.traffic.use(exchange.request.socket, 'hls');
  await exchange.vod.serve(exchange, path);
}

function redirectToFirst(exchange: Exchange): void {
  const { hub, access } = exchange.options;
  const first = hub.stats().find(({ name }) => !access.isPrivate(name));
  if (first) sendEmpty(exchange, 302, { location: `/watch/${first.name}` });
  else noStream(exchange);
}

async function sendFile(exchange: Exchange, path: string, cacheControl: string): Promise<void> {
  const { response, request, options } = exchange;
  const file = await findStaticFile(options.viewerRoot, `/${path}`);
  if (!file) {
    if (path.endsWith('.html')) return sendText(exchange, 503, 'The viewer page is not built. Run the build, then reload.');
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
