/**
 * What the operating system tells of one connection's socket, in the connection's own bytes. It never fails a show:
 * where the system or the native module does not answer, there is simply no probe, and the log says so once.
 */
import type { Socket } from 'node:net';
import { endianness } from 'node:os';
import type { TcpPressure } from '../../rate-control/pressure.ts';
import { openLinuxSocket } from './linux.ts';
import { openMacosSocket } from './macos.ts';
import { loadLibc } from './native.ts';
import { FRESH_MS, type OpenSystemSocket, type SystemSocket } from './system-socket.ts';

const SYSTEMS: Partial<Record<NodeJS.Platform, OpenSystemSocket>> = { linux: openLinuxSocket, darwin: openMacosSocket };

export interface SocketReading {
  /** of what was written since the probe was opened, what the peer's TCP has acknowledged */
  deliveredBytes: number;
  /** taken by the system and not acknowledged by the peer's TCP */
  outstandingBytes: number;
  tcp: TcpPressure;
}

/** Node's own counts: bytes handed to libuv, and those of them that libuv has not yet handed to the system. */
interface Handle {
  fd: number;
  bytesWritten: number;
  writeQueueSize: number;
}

export class SocketProbe {
  readonly #system: SystemSocket;
  readonly #socket: Handle;
  readonly #plain: Handle;
  readonly #log: (line: string) => void;
  readonly #socketStartBytes: number;
  readonly #plainStartBytes: number;
  #reading: SocketReading | null = null;
  #readAtMs = Number.NEGATIVE_INFINITY;
  #isGone = false;

  /**
   * Opened before anything of what is to be counted is written.
   * @param socket what is written to
   * @param plain the TCP socket beneath it; without TLS the same
   * @returns null where the system does not tell
   */
  static async open(socket: Socket, plain: Socket, log: (line: string) => void): Promise<SocketProbe | null> {
    const open = SYSTEMS[process.platform];
    if (!open || endianness() !== 'LE') return null;
    try {
      const libc = await loadLibc();
      const handle = handleOf(plain);
      const system = open(libc, handle.fd);
      if (system) return new SocketProbe(system, handleOf(socket), handle, log);
      throw new Error('it does not answer');
    } catch (error) {
      complain(error, log);
    }
    return null;
  }

  private constructor(system: SystemSocket, socket: Handle, plain: Handle, log: (line: string) => void) {
    this.#system = system;
    this.#socket = socket;
    this.#plain = plain;
    this.#log = log;
    this.#socketStartBytes = socket.bytesWritten;
    this.#plainStartBytes = plain.bytesWritten;
  }

  /** @returns null once the system has refused to answer, as for a closed socket */
  read(): SocketReading | null {
    const nowMs = performance.now();
    if (this.#isGone || nowMs - this.#readAtMs < FRESH_MS) return this.#reading;
    this.#readAtMs = nowMs;
    this.#reading = this.#ask();
    return this.#reading;
  }

  #ask(): SocketReading | null {
    try {
      // A closed socket's number may be another's by now: never ask about that.
      const reading = this.#plain.fd >= 0 ? this.#system.read() : null;
      if (reading) return this.#translate(reading);
    } catch (error) {
      complain(error, this.#log);
    }
    this.#isGone = true;
    return null;
  }

  /** TLS makes bytes more, by a share that hardly changes in a show. */
  #translate(reading: { outstandingBytes: number; tcp: TcpPressure }): SocketReading {
    const writtenBytes = this.#socket.bytesWritten - this.#socketStartBytes;
    const plainBytes = this.#plain.bytesWritten - this.#plainStartBytes;
    const share = plainBytes > 0 ? writtenBytes / plainBytes : 1;
    const arrivedBytes = plainBytes - this.#plain.writeQueueSize - reading.outstandingBytes;
    return {
      deliveredBytes: Math.max(0, Math.floor(arrivedBytes * share)),
      outstandingBytes: reading.outstandingBytes,
      tcp: reading.tcp,
    };
  }
}

/** Not anew with every connection. */
let hasComplained = false;

function complain(error: unknown, log: (line: string) => void): void {
  if (!hasComplained) log(`the system cannot be asked about sockets: ${error instanceof Error ? error.message : String(error)}`);
  hasComplained = true;
}

function handleOf(socket: Socket): Handle {
  const handle = (socket as Socket & { _handle?: Partial<Handle> | null })._handle;
  const isKnown = [handle?.fd, handle?.bytesWritten, handle?.writeQueueSize].every((value) => typeof value === 'number');
  if (!isKnown) throw new Error('this Node does not show the socket’s handle');
  return handle as Handle;
}
