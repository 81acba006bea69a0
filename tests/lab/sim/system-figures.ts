/** What the system tells of a simulated socket, no more often than the product asks it (socket-probe.ts). */
import { FRESH_MS } from '../../../src-main/engine/publish/socket-info/system-socket.ts';
import type { TcpPressure } from '../../../src-main/engine/rate-control/pressure.ts';
import type { TcpSender } from './tcp.ts';

export class SystemFigures {
  readonly #socket: TcpSender;
  #ackedBytes = 0;
  #tcp: TcpPressure;
  #readMs: number;

  constructor(socket: TcpSender, nowMs: number) {
    this.#socket = socket;
    this.#tcp = socket.info;
    this.#readMs = nowMs;
  }

  /** What the peer's TCP has acknowledged. */
  ackedBytes(nowMs: number): number {
    this.#read(nowMs);
    return this.#ackedBytes;
  }

  /** TCP's own figures, and what the system has taken and not sent, as delivery.ts works it out: with what came since it was asked. */
  pressure(nowMs: number): { tcp: TcpPressure; unsentBytes: number } {
    this.#read(nowMs);
    return { tcp: this.#tcp, unsentBytes: this.#socket.writtenBytes - this.#ackedBytes - this.#tcp.inFlightBytes };
  }

  #read(nowMs: number): void {
    if (nowMs - this.#readMs < FRESH_MS) return;
    this.#readMs = nowMs;
    this.#ackedBytes = this.#socket.ackedBytes;
    this.#tcp = this.#socket.info;
  }
}
