/**
 * Bytes in and out by protocol, as the sockets themselves count them: nothing is done for a frame. A connection is counted
 * under the protocol it speaks now; what it carried before under the one it spoke then.
 */
import type { Server, Socket } from 'node:net';

export const TRAFFIC_PROTOCOLS = ['rtmp', 'flv', 'ws-flv', 'hls', 'other'] as const;
export type TrafficProtocol = (typeof TRAFFIC_PROTOCOLS)[number];

export interface ByteCounts {
  inBytes: number;
  outBytes: number;
}

interface Metered {
  readonly socket: Socket;
  protocol: TrafficProtocol;
  /** what has been counted of it already */
  counted: ByteCounts;
}

/** On the socket itself: requests of HTTP/2 know theirs through a proxy only, which hands its properties on. */
const METER = Symbol('metered');
type MeteredSocket = Socket & { [METER]?: Metered };

export class Traffic {
  readonly #totals = new Map<TrafficProtocol, ByteCounts>(TRAFFIC_PROTOCOLS.map((one) => [one, { inBytes: 0, outBytes: 0 }]));
  readonly #open = new Set<Metered>();

  /** From now on this server's connections count. @param protocol what they speak until `use` says otherwise */
  watch(server: Server, protocol: TrafficProtocol): void {
    const isSecure = 'setSecureContext' in server;
    server.on(isSecure ? 'secureConnection' : 'connection', (socket: Socket) => {
      const metered = { socket, protocol, counted: { inBytes: 0, outBytes: 0 } };
      this.#open.add(metered);
      (socket as MeteredSocket)[METER] = metered;
      socket.on('close', () => {
        this.#count(metered);
        this.#open.delete(metered);
      });
    });
  }

  /** A request on a connection says what it carries from here on. */
  use(socket: MeteredSocket, protocol: TrafficProtocol): void {
    const metered = socket[METER];
    if (!metered || metered.protocol === protocol) return;
    this.#count(metered);
    metered.protocol = protocol;
  }

  totals(): ReadonlyMap<TrafficProtocol, Readonly<ByteCounts>> {
    for (const metered of this.#open) this.#count(metered);
    return this.#totals;
  }

  #count({ socket, protocol, counted }: Metered): void {
    const total = this.#totals.get(protocol) as ByteCounts;
    const [inBytes, outBytes] = [socket.bytesRead, socket.bytesWritten - waiting(socket)];
    total.inBytes += Math.max(0, inBytes - counted.inBytes);
    total.outBytes += Math.max(0, outBytes - counted.outBytes);
    counted.inBytes = Math.max(counted.inBytes, inBytes);
    counted.outBytes = Math.max(counted.outBytes, outBytes);
  }
}

/** node counts bytes as written that it still holds back for a network that takes none */
function waiting(socket: Socket): number {
  return socket.writableLength;
}
