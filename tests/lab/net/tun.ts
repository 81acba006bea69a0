/** TUN devices and a wait for several files at once, straight from libc: Node can do neither. Linux only. */
import { closeSync, openSync } from 'node:fs';
import koffi from 'koffi';

const libc = koffi.load('libc.so.6');
const ioctl = libc.func('int ioctl(int fd, unsigned long request, ...)');
const ppoll = libc.func('int ppoll(void *fds, unsigned long count, void *timeout, void *mask)');
const read = libc.func('intptr_t read(int fd, void *buffer, size_t count)');
const write = libc.func('intptr_t write(int fd, void *buffer, size_t count)');

const O_RDWR_NONBLOCK = 0o4002;
/** linux/if_tun.h */
const TUNSETIFF = 0x400454ca;
const IFF_TUN = 0x0001;
const IFF_NO_PI = 0x1000;
/** struct ifreq: a name of 16 bytes, then the flags */
const IFREQ_BYTES = 40;
const FLAGS_AT = 16;
const POLLFD_BYTES = 8;
const REVENTS_AT = 6;
const POLLIN = 1;
const PACKET_MAX_BYTES = 2_048;

/** An end of the network that this process plays: what the system sends through the device is read here. */
export class TunDevice implements Disposable {
  readonly fd: number;
  readonly #buffer = Buffer.alloc(PACKET_MAX_BYTES);

  /** In the network namespace of this process; the device may move to another later, and goes with the file. @throws when the system refuses */
  constructor(name: string) {
    this.fd = openSync('/dev/net/tun', O_RDWR_NONBLOCK);
    const request = Buffer.alloc(IFREQ_BYTES);
    request.write(name);
    request.writeUInt16LE(IFF_TUN | IFF_NO_PI, FLAGS_AT);
    if (ioctl(this.fd, TUNSETIFF, 'void *', request) === 0) return;
    closeSync(this.fd);
    throw new Error(`the system made no TUN device ${name} (errno ${koffi.errno()})`);
  }

  /** @returns null when nothing waits */
  read(): Buffer | null {
    const bytes = Number(read(this.fd, this.#buffer, PACKET_MAX_BYTES));
    return bytes > 0 ? Buffer.from(this.#buffer.subarray(0, bytes)) : null;
  }

  /** Hands a packet to the system, which may lose it, as any network may. */
  write(packet: Buffer): void {
    write(this.fd, packet, packet.length);
  }

  [Symbol.dispose](): void {
    closeSync(this.fd);
  }
}

/** Sleeps until one of the files has something to read, or so long. @returns which have */
export class Poll {
  readonly #fds: Buffer;
  readonly #timeout = Buffer.alloc(16);
  readonly #count: number;

  constructor(fds: readonly number[]) {
    this.#count = fds.length;
    this.#fds = Buffer.alloc(POLLFD_BYTES * fds.length);
    fds.forEach((fd, index) => {
      this.#fds.writeInt32LE(fd, index * POLLFD_BYTES);
      this.#fds.writeInt16LE(POLLIN, index * POLLFD_BYTES + 4);
    });
  }

  /** @returns of each file whether it can be read, or has ended */
  wait(timeoutMs: number): boolean[] {
    const wholeS = Math.floor(timeoutMs / 1_000);
    this.#timeout.writeBigInt64LE(BigInt(wholeS), 0);
    this.#timeout.writeBigInt64LE(BigInt(Math.floor((timeoutMs - wholeS * 1_000) * 1e6)), 8);
    ppoll(this.#fds, this.#count, this.#timeout, null);
    return Array.from({ length: this.#count }, (_, index) => this.#fds.readInt16LE(index * POLLFD_BYTES + REVENTS_AT) !== 0);
  }
}
