/** The three C functions that tell of a socket. The only place that calls into C. */

/** As in C: 0 is success; anything else, a failure. `length` holds the buffer's size in, and what was written out. */
export interface Libc {
  getsockopt(fd: number, level: number, name: number, value: Uint8Array, length: Uint32Array): number;
  setsockopt(fd: number, level: number, name: number, value: Uint8Array, length: number): number;
  /** not for macOS, whose variable arguments travel in another way */
  ioctl(fd: number, request: number, value: Uint8Array): number;
}

let libc: Promise<Libc> | null = null;

/** @throws what the loading of the native module threw: it is not there, or not for this system */
export function loadLibc(): Promise<Libc> {
  libc ??= load();
  return libc;
}

async function load(): Promise<Libc> {
  const { default: koffi } = await import('koffi');
  const library = koffi.load(null); // this process, which has the C library in it already
  return {
    getsockopt: library.func('int getsockopt(int fd, int level, int name, void *value, uint32_t *length)'),
    setsockopt: library.func('int setsockopt(int fd, int level, int name, const void *value, uint32_t length)'),
    ioctl: library.func('int ioctl(int fd, unsigned long request, void *value)'),
  };
}
