/**
 * What goes out to a viewer at one moment, for one call of the system: small pieces are copied behind each other, since
 * that costs less than another buffer in the call; bodies of pictures are passed on as they lie in memory.
 */
const COPIED_BYTES_MAX = 1_024;
const BLOCK_BYTES = 2_048;
/** more waits in the queue, where it can still be dropped */
const FULL_BYTES = 64 * 1_024;

export class Gather {
  #pieces: Uint8Array[] = [];
  #block: Buffer | null = null;
  #used = 0;
  #bytes = 0;

  get isFull(): boolean {
    return this.#bytes >= FULL_BYTES;
  }

  get isEmpty(): boolean {
    return this.#bytes === 0;
  }

  add(piece: Uint8Array): void {
    if (piece.length > COPIED_BYTES_MAX) {
      this.#seal();
      this.#pieces.push(piece);
      this.#bytes += piece.length;
    } else this.room(piece.length).set(piece);
  }

  /** @returns so many bytes to be written to at once; at most 1,024 */
  room(bytes: number): Buffer {
    if (this.#block && this.#used + bytes > this.#block.length) this.#seal();
    this.#block ??= Buffer.allocUnsafe(BLOCK_BYTES); // from node's pool
    const place = this.#block.subarray(this.#used, this.#used + bytes);
    this.#used += bytes;
    this.#bytes += bytes;
    return place;
  }

  /** @returns everything so far, in order, and forgets it */
  take(): Uint8Array[] {
    this.#seal();
    const pieces = this.#pieces;
    this.#pieces = [];
    this.#bytes = 0;
    return pieces;
  }

  #seal(): void {
    if (this.#block && this.#used > 0) this.#pieces.push(this.#block.subarray(0, this.#used));
    this.#block = null;
    this.#used = 0;
  }
}
