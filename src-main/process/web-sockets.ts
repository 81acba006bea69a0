/** WebSockets of our own listeners: who is refused or closed is let go soon, whether or not it takes its leave. */
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';

/** for the answer to a closing (RFC 6455, 7.1.1); the package itself would hold the connection for 30 s */
const LEAVE_MS = 500;

export function createWebSocketServer(messageBytesMax: number): WebSocketServer {
  // a variable, since the package's types do not know closeTimeout yet
  const options = { noServer: true, perMessageDeflate: false, maxPayload: messageBytesMax, closeTimeout: LEAVE_MS };
  return new WebSocketServer(options);
}

/** @param status such as `403 Forbidden` */
export function refuseUpgrade(socket: Duplex, status: string): void {
  // the peer may leave its half open for ever
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () => socket.destroy());
}
