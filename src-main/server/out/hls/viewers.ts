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

  create(): string {
    const nonce = randomBytes(8).toString('hex');
    return nonce + this.#mac(nonce).toString('hex');
  }

  /** @param token as the address has it; what was not handed out here is no token */
  viewerId(token: string | null, address: string | undefined, agent: string | undefined): string {
    return token !== null && this.#isOwn(token) ? token : `${address} ${agent?.slice(0, 200)}`;
  }

  #isOwn(token: string): boolean {
    const [, nonce, mac] = TOKEN.exec(token) ?? [];
    return nonce !== undefined && mac !== undefined && timingSafeEqual(Buffer.from(mac, 'hex'), this.#mac(nonce));
  }

  #mac(nonce: string): Buffer {
    return createHmac('sha256', this.#secret).update(nonce).digest().subarray(0, MAC_BYTES);
  }
}

export class HlsViewers {
  readonly #goneAfterMs: number;
  readonly #seenAtMs = new Map<string, number>();

  constructor(goneAfterMs: number) {
    this.#goneAfterMs = goneAfterMs;
  }

  get size(): number {
    return this.#seenAtMs.size;
  }

  has(id: string): boolean {
    return this.#seenAtMs.has(id);
  }

  see(id: string, nowMs: number): void {
    this.#seenAtMs.set(id, nowMs);
  }

  prune(nowMs: number): void {
    for (const [id, seenAtMs] of this.#seenAtMs) if (nowMs - seenAtMs > this.#goneAfterMs) this.#seenAtMs.delete(id);
  }
}
