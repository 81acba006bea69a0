/** Answers with bytes that may be asked for in part, kept by caches, and compared by tag. @see RFC 9110, 13 and 14 */
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';

export interface HlsExchange {
  request: IncomingMessage;
  response: ServerResponse;
}

export interface Resource {
  pieces: readonly Uint8Array[];
  contentType: string;
  cacheControl: string;
  /** of what never changes under its name; null: it does */
  tag: string | null;
}

/** @param deadlineMs a reader that takes longer is let go, since what it reads stays in memory for it */
export function sendResource(exchange: HlsExchange, resource: Resource, deadlineMs: number): void {
  const { response } = exchange;
  const { pieces } = resource;
  const bytes = pieces.reduce((sum, piece) => sum + piece.length, 0);
  const range = sendHead(exchange, { ...resource, bytes });
  if (!range) return;
  const { first, last } = range;
  const timer = setTimeout(() => response.destroy(), deadlineMs);
  response.on('close', () => clearTimeout(timer));
  response.on('error', () => {}); // 'close' follows
  response.cork();
  let at = 0;
  for (const piece of pieces) {
    const part = piece.subarray(Math.max(0, first - at), Math.max(0, last + 1 - at));
    if (part.length > 0) response.write(part);
    at += piece.length;
  }
  response.uncork();
  response.end();
}

/** @returns which bytes are to follow; null when the answer is whole without any */
export function sendHead(
  { request, response }: HlsExchange,
  { bytes, contentType, cacheControl, tag }: Omit<Resource, 'pieces'> & { bytes: number },
): { first: number; last: number } | null {
  const whole = (status: number, headers: OutgoingHttpHeaders = {}) => {
    response.writeHead(status, headers).end();
    return null;
  };
  response.setHeader('cache-control', cacheControl);
  if (tag !== null) response.setHeader('etag', tag);
  if (tag !== null && matches(request.headers['if-none-match'], tag)) return whole(304);
  response.setHeader('content-type', contentType);
  response.setHeader('accept-ranges', tag === null ? 'none' : 'bytes');
  const range = tag === null ? null : parseRange(request, bytes, tag);
  if (range === 'unsatisfiable') return whole(416, { 'content-range': `bytes */${bytes}`, 'content-length': 0 });
  const { first, last } = range ?? { first: 0, last: bytes - 1 };
  const part = range ? { 'content-range': `bytes ${first}-${last}/${bytes}` } : {};
  const headers = { ...part, 'content-length': last - first + 1 };
  if (request.method === 'HEAD' || last < first) return whole(range ? 206 : 200, headers);
  response.writeHead(range ? 206 : 200, headers);
  return { first, last };
}

export function sendText({ request, response }: HlsExchange, status: number, text: string, more: Record<string, string> = {}): void {
  const { connection, ...headers } = more;
  if (connection !== undefined && request.httpVersionMajor === 1) response.setHeader('connection', connection); // HTTP/2 has none
  const body = `${text}\n`;
  response.writeHead(status, {
    'cache-control': 'no-store',
    'content-type': 'text/plain; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    ...headers,
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}

function matches(header: string | undefined, tag: string): boolean {
  if (header === undefined) return false;
  return header.trim() === '*' || header.split(',').some((one) => one.trim().replace(/^W\//, '') === tag);
}

/** One range; several, or another unit, may be ignored (RFC 9110, 14.2). */
function parseRange({ headers }: IncomingMessage, bytes: number, tag: string): { first: number; last: number } | 'unsatisfiable' | null {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(headers.range ?? '');
  if (!match || (match[1] === '' && match[2] === '')) return null;
  const condition = headers['if-range'];
  if (condition !== undefined && condition !== tag) return null;
  if (match[1] === '') {
    const count = Math.min(Number(match[2]), bytes);
    return count === 0 ? 'unsatisfiable' : { first: bytes - count, last: bytes - 1 };
  }
  const first = Number(match[1]);
  const last = match[2] === '' ? bytes - 1 : Math.min(Number(match[2]), bytes - 1);
  if (first >= bytes) return 'unsatisfiable';
  return first > last ? null : { first, last };
}
