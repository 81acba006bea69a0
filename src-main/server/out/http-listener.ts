/** Takes HTTP connections within limits: HTTP/1.1, or with a certificate HTTP/1.1 and HTTP/2 over TLS. */
import { createServer, type RequestListener } from 'node:http';
import { createSecureServer, type Http2ServerRequest, type Http2ServerResponse, type ServerHttp2Session } from 'node:http2';
import type { Server, Socket } from 'node:net';
import type { AddressLimits } from '../access/address-limits.ts';
import type { ServerLimits } from '../limits.ts';
import type { Certificate } from '../tls.ts';

export interface HttpListener {
  server: Server;
  closeAll(): void;
}

interface ListenerOptions {
  limits: ServerLimits;
  addresses: AddressLimits;
  certificate: Certificate | null;
}

/** @param answer gets HTTP/2 exchanges, too: what both kinds have in common is all that it may use, unless it looks which of them it has */
export function createHttpListener({ limits, addresses, certificate }: ListenerOptions, answer: RequestListener): HttpListener {
  const sockets = new Set<Socket>();
  const server = certificate ? secureServer(limits, certificate, answer) : createServer(plainLimits(limits), answer);
  server.maxConnections = limits.httpConnectionsMax;
  server.prependListener('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    const leavePlace = addresses.takeConnection('http', socket.remoteAddress, performance.now());
    if (leavePlace) socket.on('close', leavePlace);
    else socket.destroy();
  });
  const closeAll = () => {
    for (const socket of sockets) socket.destroy();
  };
  return { server, closeAll };
}

function plainLimits(limits: ServerLimits) {
  return {
    headersTimeout: limits.headersMs,
    requestTimeout: limits.requestMs,
    keepAliveTimeout: limits.keepAliveMs,
    connectionsCheckingInterval: Math.min(1_000, limits.headersMs),
    maxHeaderSize: limits.headerBytesMax,
    noDelay: true,
  };
}

function secureServer(limits: ServerLimits, { cert, key }: Certificate, answer: RequestListener): Server {
  const server = createSecureServer({
    cert,
    key,
    allowHTTP1: true,
    handshakeTimeout: limits.handshakeMs,
    maxHeaderListPairs: 64,
    settings: { maxConcurrentStreams: limits.httpStreamsMax, maxHeaderListSize: limits.headerBytesMax, enablePush: false },
    unknownProtocolTimeout: limits.handshakeMs,
    streamResetBurst: limits.httpResetsBurst,
    streamResetRate: limits.httpResetsPerS,
    maxSessionInvalidFrames: limits.httpBadFramesMax,
    maxSessionRejectedStreams: limits.httpBadFramesMax,
    ...plainLimits(limits),
  });
  server.on('request', answer as unknown as (request: Http2ServerRequest, response: Http2ServerResponse) => void);
  server.on('tlsClientError', () => {}); // the socket is closed by then
  server.on('sessionError', () => {}); // likewise
  server.on('session', (session) => closeWhenIdle(session, limits.keepAliveMs));
  return server;
}

/** A stream that carries nothing for a while is a viewer who waits for the show; without a stream nobody is there, whatever frames come. */
function closeWhenIdle(session: ServerHttp2Session, idleMs: number): void {
  let streams = 0;
  const rest = () => setTimeout(() => session.destroy(), idleMs);
  let timer = rest();
  session.on('error', () => {}); // 'close' follows
  session.on('close', () => clearTimeout(timer));
  session.on('stream', (stream) => {
    clearTimeout(timer);
    streams += 1;
    stream.on('close', () => {
      streams -= 1;
      if (streams === 0 && !session.destroyed) timer = rest();
    });
  });
}
