/** The frames since the last IDR, so that a viewer who joins sees a picture at once. Capped in bytes and in time. */
import type { MediaFrame } from './frame.ts';

export class GopCache {
  readonly #maxBytes: number;
  readonly #maxMs: number;
  #frames: MediaFrame[] = [];
  #bytes = 0;
  #longestMs: number | null = null;

  constructor(limits: { gopCacheBytes: number; gopCacheMs: number }) {
    this.#maxBytes = limits.gopCacheBytes;
    this.#maxMs = limits.gopCacheMs;
  }

  /** @param asked the IDR came because a viewer wanted it: it tells nothing of how far apart they are */
  push(frame: MediaFrame, asked = false): void {
    if (frame.key) {
      if (!asked) this.#measure(frame);
      this.clear();
    } else if (this.#frames.length === 0) return; // nothing here can be decoded before the next IDR
    this.#frames.push(frame);
    this.#bytes += frame.body.length;
    if (this.#bytes > this.#maxBytes || this.spanMs > this.#maxMs) {
      this.#measure(frame);
      this.clear();
    }
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

  /** the longest time from one IDR to the next so far; null before there were two */
  get longestMs(): number | null {
    return this.#longestMs;
  }

  get spanMs(): number {
    const [first] = this.#frames;
    const last = this.#frames.at(-1);
    return first && last ? last.timestampMs - first.timestampMs : 0;
  }

  #measure({ timestampMs }: MediaFrame): void {
    const [first] = this.#frames;
    if (first) this.#longestMs = Math.max(this.#longestMs ?? 0, timestampMs - first.timestampMs);
  }
}
