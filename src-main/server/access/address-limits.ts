/**
 * What one address may take of the server: connections a second and at a time, wrong keys a minute, viewers and
 * questions to a hook at a time. This machine's
 * own addresses are not counted: the studio, a reverse proxy and every test are there.
 */
import { isIPv6 } from 'node:net';
import type { ServerLimits } from '../limits.ts';
import { isLoopback } from '../out/host-check.ts';

type Limits = Pick<
  ServerLimits,
  | 'connectionsPerAddressPerS'
  | 'connectionsPerAddressBurst'
  | 'rtmpConnectionsPerAddressMax'
  | 'httpConnectionsPerAddressMax'
  | 'wrongKeysPerMinute'
  | 'viewersPerAddressMax'
  | 'hooksPerAddressMax'
  | 'addressLimitsOnLoopback'
>;

const MINUTE_MS = 60_000;
/** addresses that are remembered; above it those at rest are forgotten, and so many in any case, that it is seldom done */
const ADDRESSES_MAX = 10_000;
const FORGOTTEN_AT_ONCE = 2_500;

interface Peer {
  /** connections it may still make at `filledAtMs` */
  tokens: number;
  filledAtMs: number;
  /** the times of the wrong keys that still count */
  wrongAtMs: number[];
  /** that are open */
  rtmp: number;
  http: number;
  viewers: number;
  hooks: number;
}

export class AddressLimits {
  readonly #limits: Limits;
  readonly #peers = new Map<string, Peer>();

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /** To be asked once for each connection. @returns to be called when it has closed; null: it is one too many */
  takeConnection(listener: 'rtmp' | 'http', address: string | undefined, nowMs: number): (() => void) | null {
    const peer = this.#peer(address, nowMs);
    if (!peer) return () => {};
    const { connectionsPerAddressPerS: perS, connectionsPerAddressBurst: burst } = this.#limits;
    peer.tokens = Math.min(burst, peer.tokens + ((nowMs - peer.filledAtMs) * perS) / 1_000);
    peer.filledAtMs = nowMs;
    if (peer.tokens < 1) return null;
    peer.tokens -= 1;
    return take(peer, listener, this.#limits[`${listener}ConnectionsPerAddressMax`]);
  }

  /** Too many wrong keys in the last minute: even a right one is not listened to. */
  isLockedOut(address: string | undefined, nowMs: number): boolean {
    const peer = this.#peer(address, nowMs);
    if (!peer) return false;
    peer.wrongAtMs = peer.wrongAtMs.filter((atMs) => nowMs - atMs < MINUTE_MS);
    return peer.wrongAtMs.length >= this.#limits.wrongKeysPerMinute;
  }

  noteWrongKey(address: string | undefined, nowMs: number): void {
    const peer = this.#peer(address, nowMs);
    if (peer && peer.wrongAtMs.length < this.#limits.wrongKeysPerMinute) peer.wrongAtMs.push(nowMs);
  }

  /** @returns to be called once when the viewer has gone; null when the address has as many as it may */
  takeViewer(address: string | undefined, nowMs: number): (() => void) | null {
    const peer = this.#peer(address, nowMs);
    return peer ? take(peer, 'viewers', this.#limits.viewersPerAddressMax) : () => {};
  }

  /** While a hook is asked. @returns to be called when it has answered; null: it is asked too much already from there */
  takeHook(address: string | undefined, nowMs: number): (() => void) | null {
    const peer = this.#peer(address, nowMs);
    return peer ? take(peer, 'hooks', this.#limits.hooksPerAddressMax) : () => {};
  }

  /** null: not counted */
  #peer(address: string | undefined, nowMs: number): Peer | null {
    const key = networkOf(address ?? '');
    if (!this.#limits.addressLimitsOnLoopback && isLoopback(key)) return null;
    const known = this.#peers.get(key);
    if (known) return known;
    if (this.#peers.size >= ADDRESSES_MAX) this.#forget(nowMs);
    const tokens = this.#limits.connectionsPerAddressBurst;
    const peer: Peer = { tokens, filledAtMs: nowMs, wrongAtMs: [], rtmp: 0, http: 0, viewers: 0, hooks: 0 };
    this.#peers.set(key, peer);
    return peer;
  }

  /** Who comes back after being at rest is as good as new; when all are busy, the longest known go. */
  #forget(nowMs: number): void {
    for (const [key, { filledAtMs, wrongAtMs, rtmp, http, viewers, hooks }] of this.#peers) {
      const isAtRest =
        rtmp + http + viewers + hooks === 0 && nowMs - filledAtMs > MINUTE_MS && wrongAtMs.every((atMs) => nowMs - atMs >= MINUTE_MS);
      if (isAtRest) this.#peers.delete(key);
    }
    for (const key of this.#peers.keys()) {
      if (this.#peers.size <= ADDRESSES_MAX - FORGOTTEN_AT_ONCE) return;
      this.#peers.delete(key);
    }
  }
}

/** One of those that are counted. */
function take(peer: Peer, what: 'rtmp' | 'http' | 'viewers' | 'hooks', max: number): (() => void) | null {
  if (peer[what] >= max) return null;
  peer[what] += 1;
  let held = true;
  return () => {
    if (held) peer[what] -= 1;
    held = false;
  };
}

/** IPv4 as it is, also when it comes mapped into IPv6; of IPv6 the first 64 bits, which belong to one household. */
function networkOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
  if (!isIPv6(plain) || plain === '::1') return plain;
  const [head = '', tail = ''] = plain.split('::');
  const front = head === '' ? [] : head.split(':');
  const back = tail === '' ? [] : tail.split(':');
  const groups = plain.includes('::') ? [...front, ...Array(8 - front.length - back.length).fill('0'), ...back] : front;
  return groups.slice(0, 4).join(':');
}
