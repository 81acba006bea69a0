/** GET /metrics for Prometheus, and POST /api/streams/NAME/qoe, by which players tell how they fare. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { QoeBeacon } from '../../../src-shared/domain/qoe.ts';
import type { AddressLimits } from '../access/address-limits.ts';
import type { ServerLimits } from '../limits.ts';
import type { ServerMetrics } from '../metrics/metrics.ts';
import { type HlsExchange, sendText } from './hls/replies.ts';
import { isForeign, isLoopback } from './host-check.ts';
import { readBody } from './request-body.ts';

export interface MetricRouteOptions {
  metrics: ServerMetrics;
  limits: ServerLimits;
  boundHost: string;
  /** who may read /metrics */
  metricsTo: 'loopback' | 'all';
  /** null: the address alone decides */
  metricsToken: string | null;
  addresses: AddressLimits;
}

/** What a proxy says of whom it asks for. */
const FORWARDED = ['forwarded', 'x-forwarded-for', 'x-real-ip'];

export async function sendMetrics(exchange: HlsExchange, options: MetricRouteOptions): Promise<void> {
  const { request, response } = exchange;
  const { metrics, metricsToken, metricsTo } = options;
  if (metricsToken !== null) {
    if (!showsToken(exchange, metricsToken, options.addresses))
      return sendText(exchange, 401, 'Metrics are told to who shows the token.', { 'www-authenticate': 'Bearer' });
  } else if (metricsTo === 'loopback' && !isNear(request)) return sendText(exchange, 403, 'Metrics are told to this machine alone.');
  const body = Buffer.from(await metrics.prometheus.text());
  response.writeHead(200, {
    'content-type': metrics.prometheus.contentType,
    'content-length': body.length,
    'cache-control': 'no-store',
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}

function isNear({ headers, socket }: HlsExchange['request']): boolean {
  const address = socket.remoteAddress?.replace(/^::ffff:/, '') ?? '';
  return isLoopback(address) && FORWARDED.every((name) => headers[name] === undefined);
}

/** Compared in constant time; guesses count as those of keys do. */
function showsToken({ request }: HlsExchange, token: string, addresses: AddressLimits): boolean {
  const address = request.socket.remoteAddress;
  const shown = /^Bearer +(\S{1,256})$/i.exec(request.headers.authorization ?? '')?.[1];
  if (shown === undefined || addresses.isLockedOut(address, performance.now())) return false;
  if (timingSafeEqual(hash(shown), hash(token))) return true;
  addresses.noteWrongKey(address, performance.now());
  return false;
}

const hash = (text: string) => createHash('sha256').update(text).digest();

/** @param stream one that is served */
export async function takeBeacon(exchange: HlsExchange, stream: string, { metrics, limits, boundHost }: MetricRouteOptions): Promise<void> {
  const { request, response } = exchange;
  if (isForeign(request, boundHost)) return sendText(exchange, 403, 'Other sites may not speak for viewers.', { connection: 'close' });
  const body = await readBody(request, { bytesMax: limits.qoeBytesMax, timeMs: limits.requestMs });
  if (response.destroyed) return;
  // what is left of the body is not read: the connection ends with the answer
  if (!body) return sendText(exchange, 413, `A beacon has at most ${limits.qoeBytesMax} bytes.`, { connection: 'close' });
  const beacon = QoeBeacon.safeParse(parseJson(body));
  if (!beacon.success) return sendText(exchange, 400, 'That is no beacon.');
  const refusal = metrics.beacon(stream, beacon.data, request.socket.remoteAddress ?? '');
  if (refusal) return sendText(exchange, 429, 'Not so often.', { 'retry-after': '5' });
  response.writeHead(204).end();
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return null;
  }
}
