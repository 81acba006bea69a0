/** The frames since the last IDR, so that a viewer who joins sees a picture at once. Capped in bytes and in time. */
import type { MediaFrame } from './frame.ts';

export class GopCache {
  readonly #maxBytes: number;
  readonly #maxMs: number;
  #frames: MediaFrame[] = [];
  #bytes = 0;

  constructor(limits: { gopCacheBytes: number; gopCacheMs: number }) {
    this.#maxBytes = limits.gopCacheBytes;
    this.#maxMs = limits.gopCacheMs;
  }

  push(frame: MediaFrame): void {
    if (frame.key) this.clear();
    else if (this.#frames.length === 0) return; // nothing here can be decoded before the next IDR
    this.#frames.push(frame);
    this.#bytes += frame.body.length;
    if (this.#bytes > this.#maxBytes || this.spanMs > this.#maxMs) this.clear();
  }

  clear(): void {
    this.#frames = [];
    this.#bytes = 0;
  }

  /** oldest first; begins with an IDR, or is empty */
  get frames(): readonly MediaFrame[] {
    return this.#frames;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get spanMs(): number {
    const [first] = this.#frames;
    const last = this.#frames.at(-1);
    return first && last ? last.timestampMs - first.timestampMs : 0;
  }
}
