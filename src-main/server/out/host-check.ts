/**
 * Which sites may talk to this server through a visitor's browser. A name in the Host header that is none of ours is a
 * DNS rebinding attempt; an Origin that is none of ours is another site reading the show.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';
import { hostname } from 'node:os';

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
}

/**
 * @param header the Host header, with or without a port
 * @param boundHost the address the server listens on: only loopback names pass on loopback; beyond it any address, and
 * this machine's own name
 */
export function isOwnHost(header: string | undefined, boundHost: string): boolean {
  const host = hostOf(`http://${header ?? ''}`);
  if (host === null) return false;
  if (isLoopback(host)) return true;
  if (isLoopback(boundHost)) return false;
  const own = hostname().toLowerCase();
  return isIP(host) !== 0 || host === own || host === `${own}.local`;
}

interface Names {
  boundHost: string;
  /** null: without TLS */
  certificate: { isFor(name: string): boolean } | null;
}

/** With TLS also what the certificate says: a site of another name could not even have shaken hands. */
export function isOurRequest(headers: IncomingHttpHeaders, { boundHost, certificate }: Names): boolean {
  const { host = headers[':authority'] } = headers;
  const name = typeof host === 'string' ? host : undefined;
  return isOwnHost(name, boundHost) || certificate?.isFor(name?.replace(/:\d*$/, '') ?? '') === true;
}

/** Whether a page of this origin may read what we serve: our own pages, and those of this machine. */
export function isOwnOrigin(origin: string, boundHost: string): boolean {
  const host = hostOf(origin);
  return host !== null && origin.startsWith('http') && (isLoopback(host) || isOwnHost(host.includes(':') ? `[${host}]` : host, boundHost));
}

/** Under a name of the certificate, too, which by then is known to be ours. @see isOurRequest */
export function isSameOrigin(headers: IncomingHttpHeaders): boolean {
  const { origin = '', host = headers[':authority'] } = headers;
  return URL.canParse(origin) && new URL(origin).host === host;
}

/**
 * Another site makes its visitor ask: without CORS it cannot read the answer, but it would be counted as a viewer.
 * @see W3C, Fetch Metadata Request Headers, 2.4
 */
export function isForeign({ headers }: { headers: IncomingHttpHeaders }, boundHost: string): boolean {
  const { origin } = headers;
  if (origin === undefined) return headers['sec-fetch-site'] === 'cross-site';
  return !isSameOrigin(headers) && !isOwnOrigin(origin, boundHost);
}

function hostOf(url: string): string | null {
  if (!URL.canParse(url)) return null;
  const { hostname: host, username, password, pathname, search } = new URL(url);
  if (host === '' || username || password || search || pathname !== '/') return null;
  return host.replace(/^\[|\]$/g, '').toLowerCase();
}
