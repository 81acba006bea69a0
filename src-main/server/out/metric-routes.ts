/** GET /metrics for Prometheus, and POST /api/streams/NAME/qoe, by which players tell how they fare. */
import { QoeBeacon } from '../../../src-shared/domain/qoe.ts';
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
}

/** What a proxy says of whom it asks for. */
const FORWARDED = ['forwarded', 'x-forwarded-for', 'x-real-ip'];

export async function sendMetrics(exchange: HlsExchange, { metrics, metricsTo }: MetricRouteOptions): Promise<void> {
  const { request, response } = exchange;
  const address = request.socket.remoteAddress?.replace(/^::ffff:/, '') ?? '';
  const isNear = isLoopback(address) && FORWARDED.every((name) => request.headers[name] === undefined);
  if (metricsTo === 'loopback' && !isNear) return sendText(exchange, 403, 'Metrics are told to this machine alone.');
  const body = Buffer.from(await metrics.prometheus.text());
  response.writeHead(200, {
    'content-type': metrics.prometheus.contentType,
    'content-length': body.length,
    'cache-control': 'no-store',
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}

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
