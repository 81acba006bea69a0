/**
 * Who watches by HLS. There is no connection to count: a viewer is a token that the master playlist handed out in its
 * addresses, or for who came by another way its address and its player's name. One that asks no more is gone.
 */
import { randomBytes } from 'node:crypto';

const TOKEN = /^[0-9a-f]{16}$/;

export const createToken = (): string => randomBytes(8).toString('hex');

/** @param token as the address has it; anything else than ours is no token */
export function viewerId(token: string | null, address: string | undefined, agent: string | undefined): string {
  return token !== null && TOKEN.test(token) ? token : `${address} ${agent?.slice(0, 200)}`;
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
