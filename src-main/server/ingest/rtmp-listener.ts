/** Takes RTMP connections, plain or over TLS, up to a limit. */
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { Certificate } from '../tls.ts';
import { RtmpConnection } from './rtmp-connection.ts';
import { RtmpSession, type SessionContext } from './rtmp-session.ts';

/** @param certificate null: without TLS */
export function createRtmpListener(context: SessionContext, certificate: Certificate | null): { server: Server; closeAll(): void } {
  const { limits, addresses } = context;
  const sockets = new Set<Socket>();
  const take = (socket: Socket) => {
    new RtmpConnection(socket, limits, (own) => new RtmpSession(own, context));
  };
  const server = certificate
    ? createTlsServer({ cert: certificate.cert, key: certificate.key, handshakeTimeout: limits.handshakeMs })
    : createServer();
  server.on('tlsClientError', () => {}); // the socket is closed by then
  server.on('secureConnection', take);
  // with TLS these are the sockets below
  server.on('connection', (socket: Socket) => {
    const leavePlace = addresses.takeConnection('rtmp', socket.remoteAddress, performance.now());
    if (!leavePlace) return void socket.destroy();
    socket.on('close', leavePlace);
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    if (!certificate) take(socket);
  });
  server.maxConnections = limits.rtmpConnectionsMax;
  return {
    server,
    closeAll: () => {
      for (const socket of sockets) socket.destroy();
    },
  };
}
