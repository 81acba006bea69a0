/** HTTP/2 as bytes, so that a test may say what no client says. @see RFC 9113, 4 and 6; RFC 7541 */
import { once } from 'node:events';
import { connect, type TLSSocket } from 'node:tls';

export const PREFACE = new TextEncoder().encode('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
export const FRAME = {
  data: 0,
  headers: 1,
  priority: 2,
  reset: 3,
  settings: 4,
  push: 5,
  ping: 6,
  goAway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;
export const FLAG = { endStream: 1, ack: 1, endHeaders: 4 } as const;
/** RFC 9113, 6.5.2 */
export const SETTING = { headerTableSize: 1, maxConcurrentStreams: 3, initialWindowSize: 4, maxFrameSize: 5 } as const;

const u32 = (value: number) => [value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff];

/** @param statedBytes what its header says of the payload's length */
export function frame(type: number, flags: number, streamId: number, payload: ArrayLike<number> = [], statedBytes?: number): Uint8Array {
  const [, ...length] = u32(statedBytes ?? payload.length);
  return Uint8Array.from([...length, type, flags, ...u32(streamId), ...Array.from(payload)]);
}

export const settings = (...pairs: readonly (readonly [id: number, value: number])[]) =>
  frame(
    FRAME.settings,
    0,
    0,
    pairs.flatMap(([id, value]) => [id >> 8, id & 0xff, ...u32(value)]),
  );

/** Literals that are not indexed, names and values as they are (RFC 7541, 6.2.2). */
export function headerBlock(fields: readonly (readonly [name: string, value: string])[]): Uint8Array {
  return Uint8Array.from(fields.flatMap(([name, value]) => [0, ...literal(name), ...literal(value)]));
}

/** An integer with a prefix of 7 bits, then the text (RFC 7541, 5). */
function literal(text: string): number[] {
  const bytes = [...new TextEncoder().encode(text)];
  if (bytes.length < 127) return [bytes.length, ...bytes];
  const length = [127];
  let rest = bytes.length - 127;
  for (; rest >= 128; rest >>= 7) length.push((rest & 127) | 128);
  return [...length, rest, ...bytes];
}

export const requestFields = (path: string, method = 'GET') =>
  [
    [':method', method],
    [':scheme', 'https'],
    [':authority', '127.0.0.1'],
    [':path', path],
  ] as const;

/** A whole request. */
export const request = (streamId: number, path: string, method = 'GET') =>
  frame(FRAME.headers, FLAG.endHeaders | FLAG.endStream, streamId, headerBlock(requestFields(path, method)));

/** A connection that says exactly what a test wants said. */
export class RawHttp2 {
  readonly socket: TLSSocket;
  /** of each frame that came its type, and the stream */
  readonly frames: { type: number; streamId: number }[] = [];
  closed = false;
  #rest: Uint8Array = new Uint8Array(0);

  private constructor(socket: TLSSocket) {
    this.socket = socket;
    socket.on('data', (bytes) => this.#take(bytes));
    socket.on('error', () => {}); // 'close' follows
    socket.on('close', () => {
      this.closed = true;
    });
  }

  /** Shakes hands, and says the preface with these settings. */
  static async open(port: number, ...pairs: readonly (readonly [id: number, value: number])[]): Promise<RawHttp2> {
    const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ALPNProtocols: ['h2'] });
    const raw = new RawHttp2(socket);
    await once(socket, 'secureConnect');
    raw.send(PREFACE, settings(...pairs));
    return raw;
  }

  send(...frames: readonly Uint8Array[]): void {
    if (this.socket.writable) this.socket.write(Buffer.concat(frames));
  }

  /** whether a frame of this kind came, for this stream */
  has(type: number, streamId: number): boolean {
    return this.frames.some((one) => one.type === type && one.streamId === streamId);
  }

  #take(bytes: Uint8Array): void {
    let all = this.#rest.length > 0 ? Buffer.concat([this.#rest, bytes]) : Buffer.from(bytes);
    while (all.length >= 9 && all.length >= 9 + all.readUIntBE(0, 3)) {
      this.frames.push({ type: all[3] as number, streamId: all.readUInt32BE(5) & 0x7fffffff });
      all = all.subarray(9 + all.readUIntBE(0, 3));
    }
    this.#rest = all;
  }
}
