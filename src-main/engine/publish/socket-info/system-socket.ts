/** What an operating system tells of one TCP socket: one file per system behind this. */
import type { TcpPressure } from '../../rate-control/pressure.ts';
import type { Libc } from './native.ts';

export interface SystemReading {
  /** taken from us and not acknowledged by the peer's TCP, whether sent or not */
  outstandingBytes: number;
  tcp: TcpPressure;
}

export interface SystemSocket {
  /** @returns null when the system refuses */
  read(): SystemReading | null;
}

/** Sets our limits on the socket. @returns null where this system tells too little */
export type OpenSystemSocket = (libc: Libc, fd: number) => SystemSocket | null;

/** Asked more often, a probe gives what it has just read. */
export const FRESH_MS = 5;

/** Limits that the system keeps for us. */
export const LIMITS = {
  /** More than this does not wait unsent in the system, where it can no longer be dropped. */
  unsentBytes: 16 * 1_024,
  /** A peer's TCP that is silent for so long is gone: the last resort, should our own watch fail. */
  silentMs: 5_000,
};

export const IPPROTO_TCP = 6;

/** A 32-bit value as C wants it. */
export function word(value: number): Uint8Array {
  return new Uint8Array(Uint32Array.of(value).buffer);
}

/** @returns how many bytes the system wrote; 0 on failure */
export function readOption(libc: Libc, fd: number, level: number, name: number, value: Uint8Array): number {
  const length = Uint32Array.of(value.length);
  return libc.getsockopt(fd, level, name, value, length) === 0 ? (length[0] ?? 0) : 0;
}

export function setWord(libc: Libc, fd: number, name: number, value: number): void {
  libc.setsockopt(fd, IPPROTO_TCP, name, word(value), 4); // a system too old for it goes without
}
