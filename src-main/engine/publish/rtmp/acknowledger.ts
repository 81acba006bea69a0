/** When the server is told how much of what it sends has come. @see Adobe RTMP specification 1.0, 5.4.3 */

/** what servers assume until they say otherwise */
const DEFAULT_WINDOW_BYTES = 2_500_000;

export class Acknowledger {
  #windowBytes = DEFAULT_WINDOW_BYTES;
  #receivedBytes = 0;
  #acknowledgedBytes = 0;

  set windowBytes(sizeBytes: number) {
    this.#windowBytes = Math.max(1, sizeBytes);
  }

  received(bytes: number): void {
    this.#receivedBytes += bytes;
  }

  /** After each window; half a window early does no harm. @returns the total of bytes received, as the message counts it; null: not yet */
  due(): number | null {
    if (this.#receivedBytes - this.#acknowledgedBytes < this.#windowBytes / 2) return null;
    this.#acknowledgedBytes = this.#receivedBytes;
    return this.#receivedBytes % 2 ** 32;
  }
}
