/** Between a publisher and a server on loopback: passes everything on, and keeps the begin of what the publisher sends. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';

export interface RtmpTap {
  port: number;
  /** what the publisher sent on the connection that carried most, up to the limit: OBS opens and closes one first */
  recorded(): Uint8Array;
  close(): void;
}

export async function startRtmpTap(serverPort: number, bytesMax: number): Promise<RtmpTap> {
  const connections: { pieces: Buffer[]; bytes: number }[] = [];
  const sockets = new Set<{ destroy(): void }>();
  const server = createServer((socket) => {
    const kept = { pieces: [] as Buffer[], bytes: 0 };
    connections.push(kept);
    const upstream = connect(serverPort, '127.0.0.1');
    for (const one of [socket, upstream]) {
      sockets.add(one);
      one.on('error', () => {}); // 'close' follows
    }
    socket.on('data', (piece: Buffer) => {
      if (kept.bytes >= bytesMax) return;
      kept.pieces.push(piece);
      kept.bytes += piece.length;
    });
    socket.pipe(upstream).pipe(socket);
    socket.on('close', () => upstream.destroy());
    upstream.on('close', () => socket.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    recorded: () => {
      const [most] = connections.toSorted((a, b) => b.bytes - a.bytes);
      return Buffer.concat(most?.pieces ?? []).subarray(0, bytesMax);
    },
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
