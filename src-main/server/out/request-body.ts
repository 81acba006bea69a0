/** Reads the little that is ever sent to this server by HTTP, within a size and a time. */
import type { IncomingMessage } from 'node:http';

/** @returns null when it is longer, does not come in time, or breaks off */
export function readBody(request: IncomingMessage, { bytesMax, timeMs }: { bytesMax: number; timeMs: number }): Promise<Buffer | null> {
  return new Promise((resolve) => {
    const pieces: Buffer[] = [];
    let bytes = 0;
    const settle = (body: Buffer | null) => {
      clearTimeout(timer);
      request.off('data', add).pause();
      resolve(body);
    };
    const timer = setTimeout(() => settle(null), timeMs);
    const add = (piece: Buffer) => {
      bytes += piece.length;
      if (bytes > bytesMax) settle(null);
      else pieces.push(piece);
    };
    request.on('data', add);
    request.on('end', () => settle(Buffer.concat(pieces)));
    request.on('close', () => settle(null));
    request.on('error', () => settle(null));
  });
}
