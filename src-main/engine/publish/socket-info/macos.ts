/**
 * macOS: TCP_CONNECTION_INFO. It gives no delivery rate and no bytes in flight; both are worked out from what it does give.
 * Written from the headers; never run, for want of such a machine.
 * @see xnu, bsd/netinet/tcp.h, struct tcp_connection_info; bsd/sys/socket.h, SO_NWRITE
 */
import type { TcpPressure } from '../../rate-control/pressure.ts';
import type { Libc } from './native.ts';
import { IPPROTO_TCP, LIMITS, readOption, type SystemReading, type SystemSocket, setWord } from './system-socket.ts';

const TCP_CONNECTION_INFO = 0x106;
const TCP_NOTSENT_LOWAT = 0x201;
/** in seconds: after so long of retransmitting the connection is dropped */
const TCP_RXT_CONNDROPTIME = 0x80;
const SOL_SOCKET = 0xffff;
const SO_NWRITE = 0x1024;
const INFO_BYTES = 256;
const INFO_MIN_BYTES = 112;
/** the delivery rate is measured over so long */
const RATE_MS = 500;

export function openMacosSocket(libc: Libc, fd: number): SystemSocket | null {
  setWord(libc, fd, TCP_NOTSENT_LOWAT, LIMITS.unsentBytes);
  setWord(libc, fd, TCP_RXT_CONNDROPTIME, LIMITS.silentMs / 1_000);
  const socket = new MacosSocket(libc, fd);
  return socket.read() ? socket : null;
}

class MacosSocket implements SystemSocket {
  readonly #libc: Libc;
  readonly #fd: number;
  readonly #info = new Uint8Array(INFO_BYTES);
  readonly #count = new Uint8Array(4);
  #minRttMs = Number.POSITIVE_INFINITY;
  #deliveryRateKbps = 0;
  #mark: { atMs: number; deliveredBytes: number } | null = null;

  constructor(libc: Libc, fd: number) {
    this.#libc = libc;
    this.#fd = fd;
  }

  read(): SystemReading | null {
    if (readOption(this.#libc, this.#fd, IPPROTO_TCP, TCP_CONNECTION_INFO, this.#info) < INFO_MIN_BYTES) return null;
    if (readOption(this.#libc, this.#fd, SOL_SOCKET, SO_NWRITE, this.#count) !== 4) return null;
    const outstandingBytes = new DataView(this.#count.buffer).getInt32(0, true);
    const info = parseConnectionInfo(this.#info);
    const inFlightBytes = Math.min(outstandingBytes, info.congestionWindowBytes, info.peerWindowBytes);
    if (info.rttMs > 0) this.#minRttMs = Math.min(this.#minRttMs, info.rttMs);
    this.#measure(info.sentBytes - inFlightBytes);
    const tcp: TcpPressure = {
      rttMs: info.rttMs,
      minRttMs: Math.min(this.#minRttMs, info.rttMs),
      deliveryRateKbps: this.#deliveryRateKbps,
      appLimited: outstandingBytes <= inFlightBytes,
      inFlightBytes,
      retransmittedPackets: info.retransmittedPackets,
    };
    return { outstandingBytes, tcp };
  }

  #measure(deliveredBytes: number): void {
    const atMs = performance.now();
    this.#mark ??= { atMs, deliveredBytes };
    const spanMs = atMs - this.#mark.atMs;
    if (spanMs < RATE_MS) return;
    this.#deliveryRateKbps = (Math.max(0, deliveredBytes - this.#mark.deliveredBytes) * 8) / spanMs;
    this.#mark = { atMs, deliveredBytes };
  }
}

export interface ConnectionInfo {
  rttMs: number;
  congestionWindowBytes: number;
  peerWindowBytes: number;
  /** without what was sent again */
  sentBytes: number;
  retransmittedPackets: number;
}

/** @param info struct tcp_connection_info, little-endian, 112 bytes or more */
export function parseConnectionInfo(info: Uint8Array): ConnectionInfo {
  const view = new DataView(info.buffer, info.byteOffset, info.byteLength);
  return {
    congestionWindowBytes: view.getUint32(24, true),
    peerWindowBytes: view.getUint32(28, true),
    rttMs: view.getUint32(44, true), // tcpi_srtt
    sentBytes: Number(view.getBigUint64(64, true) - view.getBigUint64(72, true)),
    retransmittedPackets: Number(view.getBigUint64(104, true)),
  };
}
