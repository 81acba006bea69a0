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
    } else this.#room(piece.length).set(piece, this.#used - piece.length);
  }

  /** big-endian, as all of FLV and RTMP */
  u32(value: number): void {
    this.#room(4).writeUInt32BE(value, this.#used - 4);
  }

  u24(value: number): void {
    this.#room(3).writeUIntBE(value, this.#used - 3, 3);
  }

  /** @returns the block whose last bytes up to `#used` are the caller's */
  #room(bytes: number): Buffer {
    if (this.#block && this.#used + bytes > BLOCK_BYTES) this.#seal();
    this.#block ??= Buffer.allocUnsafe(BLOCK_BYTES); // from node's pool
    this.#used += bytes;
    this.#bytes += bytes;
    return this.#block;
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
