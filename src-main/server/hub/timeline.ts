/**
 * Puts the timestamps of one publisher after another on one line that only rises, so that viewers stay connected
 * through a publisher's return: what follows a break begins just after what came before it.
 */

/** a break is bridged by this much: one frame at 25 fps */
const BRIDGE_MS = 40;
/** an RTMP timestamp that goes back further than this starts anew; less is jitter between the tracks */
const BACKWARD_MS = 1_500;
/** and one that leaps further than this is a break, not a pause */
const FORWARD_MS = 10_000;

export class StreamTimeline {
  /** the last timestamp as the publisher gave it; null before a publisher's first */
  #rawMs: number | null = null;
  /** the same on our line, unclamped */
  #lineMs = 0;
  readonly #lastMs = { video: -1, audio: -1 };

  /** A new publisher: its first frame follows the last one of the old, whatever its clock says. */
  restart(): void {
    this.#rawMs = null;
  }

  /**
   * @param rawMs the publisher's timestamp, modulo 2^32
   * @returns milliseconds since the stream's first frame, above every earlier one of the same track
   */
  place(kind: 'video' | 'audio', rawMs: number): number {
    const stepMs = this.#rawMs === null ? null : (rawMs - this.#rawMs) | 0; // signed, across the wrap at 2^32
    const broken = stepMs === null || stepMs < -BACKWARD_MS || stepMs > FORWARD_MS;
    this.#lineMs = broken ? this.#afterLast() : this.#lineMs + stepMs;
    this.#rawMs = rawMs;
    const placed = Math.max(this.#lineMs, this.#lastMs[kind] + 1);
    this.#lastMs[kind] = placed;
    return placed;
  }

  #afterLast(): number {
    const lastMs = Math.max(this.#lastMs.video, this.#lastMs.audio);
    return lastMs < 0 ? 0 : lastMs + BRIDGE_MS;
  }
}
