/**
 * Linux: TCP_INFO and the two ioctls of tcp(7).
 * @see include/uapi/linux/tcp.h, struct tcp_info; include/uapi/linux/sockios.h
 */
import type { TcpPressure } from '../../rate-control/pressure.ts';
import type { Libc } from './native.ts';
import { IPPROTO_TCP, LIMITS, readOption, type SystemReading, type SystemSocket, setWord } from './system-socket.ts';

const TCP_INFO = 11;
const TCP_USER_TIMEOUT = 18;
const TCP_NOTSENT_LOWAT = 25;
const SIOCOUTQ = 0x5411;
const SIOCOUTQNSD = 0x894b;
/** Newer kernels append; up to tcpi_delivery_rate there must be something (Linux 4.9). */
const INFO_BYTES = 256;
const INFO_MIN_BYTES = 168;
/** tcpi_min_rtt before the first measurement */
const UNKNOWN = 0xffffffff;

export function openLinuxSocket(libc: Libc, fd: number): SystemSocket | null {
  setWord(libc, fd, TCP_NOTSENT_LOWAT, LIMITS.unsentBytes);
  setWord(libc, fd, TCP_USER_TIMEOUT, LIMITS.silentMs);
  const socket = new LinuxSocket(libc, fd);
  return socket.read() ? socket : null;
}

class LinuxSocket implements SystemSocket {
  readonly #libc: Libc;
  readonly #fd: number;
  readonly #info = new Uint8Array(INFO_BYTES);
  readonly #count = new Uint8Array(4);

  constructor(libc: Libc, fd: number) {
    this.#libc = libc;
    this.#fd = fd;
  }

  read(): SystemReading | null {
    const length = readOption(this.#libc, this.#fd, IPPROTO_TCP, TCP_INFO, this.#info);
    const unsentBytes = this.#ask(SIOCOUTQNSD);
    const outstandingBytes = this.#ask(SIOCOUTQ);
    if (length < INFO_MIN_BYTES || unsentBytes === null || outstandingBytes === null) return null;
    const tcp = parseTcpInfo(this.#info, Math.max(0, outstandingBytes - unsentBytes));
    return { outstandingBytes, tcp };
  }

  #ask(request: number): number | null {
    if (this.#libc.ioctl(this.#fd, request, this.#count) !== 0) return null;
    return new DataView(this.#count.buffer).getInt32(0, true);
  }
}

/** @param info struct tcp_info, little-endian, 168 bytes or more */
export function parseTcpInfo(info: Uint8Array, inFlightBytes: number): TcpPressure {
  const view = new DataView(info.buffer, info.byteOffset, info.byteLength);
  const rttUs = view.getUint32(68, true);
  const minRttUs = view.getUint32(148, true);
  return {
    rttMs: rttUs / 1_000,
    minRttMs: (minRttUs === UNKNOWN ? rttUs : minRttUs) / 1_000,
    deliveryRateKbps: (Number(view.getBigUint64(160, true)) * 8) / 1_000, // bytes per second
    appLimited: (view.getUint8(7) & 1) === 1,
    inFlightBytes,
    retransmittedPackets: view.getUint32(100, true),
  };
}
