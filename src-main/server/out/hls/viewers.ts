/**
 * Who watches by HLS. There is no connection to count: a viewer is a token that the master playlist handed out in its
 * addresses, or for who came by another way its address and its player's name. One that asks no more is gone.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

const TOKEN = /^([0-9a-f]{16})([0-9a-f]{32})$/;
const MAC_BYTES = 16;

/** Tokens that nobody can make up: whoever invents them would be as many viewers as there is room for. */
export class ViewerTokens {
  readonly #secret = randomBytes(32);

  /** @param grant what it is good for: it is no token for anything else */
  create(grant: string): string {
    const nonce = randomBytes(8).toString('hex');
    return nonce + this.#mac(nonce, grant).toString('hex');
  }

  /** @param token as the address has it */
  isOwn(token: string | null, grant: string): token is string {
    const [, nonce, mac] = TOKEN.exec(token ?? '') ?? [];
    return nonce !== undefined && mac !== undefined && timingSafeEqual(Buffer.from(mac, 'hex'), this.#mac(nonce, grant));
  }

  #mac(nonce: string, grant: string): Buffer {
    return createHmac('sha256', this.#secret).update(`${nonce} ${grant}`).digest().subarray(0, MAC_BYTES);
  }
}

interface Seen {
  atMs: number;
  /** gives back its place among those of its address */
  leave(): void;
}

export class HlsViewers {
  readonly #goneAfterMs: () => number;
  readonly #seen = new Map<string, Seen>();

  /** @param goneAfterMs looked up each time: it may grow when more is known of the show */
  constructor(goneAfterMs: () => number) {
    this.#goneAfterMs = goneAfterMs;
  }

  get size(): number {
    return this.#seen.size;
  }

  has(id: string): boolean {
    return this.#seen.has(id);
  }

  /** @param take a place for who is new; null: there is none. @returns whether the viewer is counted */
  see(id: string, nowMs: number, take: () => (() => void) | null): boolean {
    const leave = this.#seen.get(id)?.leave ?? take();
    if (leave) this.#seen.set(id, { atMs: nowMs, leave });
    return leave !== null;
  }

  prune(nowMs: number): void {
    const goneAfterMs = this.#goneAfterMs();
    for (const [id, { atMs, leave }] of this.#seen) {
      if (nowMs - atMs <= goneAfterMs) continue;
      this.#seen.delete(id);
      leave();
    }
  }

  clear(): void {
    this.prune(Number.POSITIVE_INFINITY);
  }
}
