/** Takes RTMP connections, up to a limit. */
import { createServer, type Server } from 'node:net';
import { RtmpConnection } from './rtmp-connection.ts';
import { RtmpSession, type SessionContext } from './rtmp-session.ts';

export function createRtmpListener(context: SessionContext): { server: Server; closeAll(): void } {
  const connections = new Set<RtmpConnection>();
  const server = createServer((socket) => {
    const connection = new RtmpConnection(socket, context.limits, (own) => new RtmpSession(own, context));
    connections.add(connection);
    socket.on('close', () => connections.delete(connection));
  });
  server.maxConnections = context.limits.rtmpConnectionsMax;
  return {
    server,
    closeAll: () => {
      for (const { socket } of connections) socket.destroy();
    },
  };
}
