/** Between a client and a server on loopback: passes everything on, and keeps the begin of what the client sends. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';

export interface ClientTap {
  port: number;
  /**
   * What the client sent, up to the limit, on the connection that carried most: OBS opens and closes one first.
   * @param having of those connections alone that carried this text
   */
  recorded(having?: string): Uint8Array;
  close(): void;
}

export async function startClientTap(serverPort: number, bytesMax: number): Promise<ClientTap> {
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
    recorded: (having = '') => {
      const sent = connections.map(({ pieces }) => Buffer.concat(pieces)).filter((bytes) => bytes.includes(having));
      const [most] = sent.toSorted((a, b) => b.length - a.length);
      return (most ?? Buffer.alloc(0)).subarray(0, bytesMax);
    },
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
