/** The listener of our own WebSockets, as encoder and browser host have it, with hostile frames on it. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import type { WebSocket } from 'ws';
import { createWebSocketServer } from '../../src-main/process/web-sockets.ts';
import { type WebSocketLike, webSocketChannel } from '../../src-shared/ipc/web-socket-channel.ts';
import { corpusOf } from './corpus.ts';
import { webSocket } from './grammar.ts';
import { mutate } from './mutate.ts';
import { Random } from './random.ts';

const MESSAGE_BYTES_MAX = 64 * 1024;

/** @returns how many messages came through; none of them was larger than the listener allows */
export async function attackWebSockets({
  seed,
  runs,
}: {
  seed: number;
  runs: number;
}): Promise<{ messages: number; largestBytes: number }> {
  const http = createServer((_request, response) => void response.writeHead(426, { connection: 'close' }).end());
  const sockets = createWebSocketServer(MESSAGE_BYTES_MAX);
  const seen = { messages: 0, largestBytes: 0 };
  http.on('upgrade', (request, socket, head) => {
    socket.on('error', () => {}); // a vanished peer
    sockets.handleUpgrade(request, socket, head, (ws: WebSocket) => {
      ws.on('error', () => {}); // ws has closed it with the right code
      const channel = webSocketChannel(ws as unknown as WebSocketLike);
      channel.onMessage((message) => {
        seen.messages += 1;
        if (message.kind === 'bytes') seen.largestBytes = Math.max(seen.largestBytes, message.bytes.length);
      });
    });
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const { port } = http.address() as AddressInfo;
  const corpus = corpusOf('websocket');
  for (let run = 0; run < runs; run += 1) {
    const random = new Random(seed + run);
    const generated = webSocket(random, '/');
    const peer = connect(port, '127.0.0.1');
    const closed = new Promise<void>((resolve) => peer.on('close', () => resolve()));
    peer.on('error', () => {}); // 'close' follows
    peer.resume();
    peer.end(random.oneIn(3) ? mutate(random, generated, corpus) : generated);
    await closed;
  }
  http.closeAllConnections();
  http.close();
  return seen;
}
