/** A request and its answer, and what answers have in common. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Access } from '../access/access.ts';
import type { AddressLimits } from '../access/address-limits.ts';
import { STREAM_NAME } from '../access/stream-keys.ts';
import type { Hub } from '../hub/hub.ts';
import type { LiveStream } from '../hub/live-stream.ts';
import type { Ladders } from '../ladder/ladders.ts';
import type { ServerLimits } from '../limits.ts';
import type { ShowLibrary } from '../record/library.ts';
import type { Certificate } from '../tls.ts';
import { sendText } from './hls/replies.ts';
import type { HlsRoutes } from './hls/routes.ts';
import type { KeyframeRequests } from './keyframe-requests.ts';
import type { MetricRouteOptions } from './metric-routes.ts';
import type { VodRoutes } from './vod/routes.ts';

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
  /** null: no show is kept */
  library: ShowLibrary | null;
}

export interface Exchange {
  options: HttpOptions;
  hls: HlsRoutes;
  vod: VodRoutes;
  keyframeRequests: KeyframeRequests;
  request: IncomingMessage;
  response: ServerResponse;
  /** this answer is not meant to end within answerMs */
  endless(): void;
}

export function queryOf({ request }: Pick<Exchange, 'request'>): URLSearchParams {
  return new URLSearchParams((request.url ?? '').split('?')[1]);
}

export function findStream(hub: Hub, name: string): LiveStream | null {
  return STREAM_NAME.test(name) ? hub.stream(name) : null;
}

export function noStream(exchange: Exchange): void {
  sendText(exchange, 404, 'There is no stream of this name.');
}

export function sendJson({ request, response }: Exchange, value: unknown, status = 200): void {
  const text = JSON.stringify(value);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
  });
  response.end(request.method === 'HEAD' ? undefined : text);
}

export function sendEmpty({ response }: Exchange, status: number, headers: Record<string, string>): void {
  response.writeHead(status, headers);
  response.end();
}
