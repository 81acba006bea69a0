/**
 * Puts the timestamps of one publisher after another on one line that only rises, so that viewers stay connected
 * through a publisher's return: what follows a break begins just after what came before it.
 */

/** a break is bridged by this much: one frame at 25 fps */
const BRIDGE_MS = 40;
/** a track that goes back further than this starts anew; less is jitter */
const BACKWARD_MS = 1_500;
/** and one that leaps further than this is a break, not a pause */
const FORWARD_MS = 10_000;

type Kind = 'video' | 'audio';

export class StreamTimeline {
  /** the last timestamp as the publisher gave it; null before a publisher's first */
  #rawMs: number | null = null;
  /** the same without the wrap at 2^32, which both tracks share */
  #unwrappedMs = 0;
  /** of each track, without the wrap; null before a publisher's first */
  #before: Record<Kind, number | null> = { video: null, audio: null };
  /** from the publisher's clock to our line */
  #offsetMs = 0;
  readonly #lastMs: Record<Kind, number> = { video: -1, audio: -1 };

  /** A new publisher: its first frame follows the last one of the old, whatever its clock says. */
  restart(): void {
    this.#rawMs = null;
    this.#before = { video: null, audio: null };
  }

  /**
   * One track may lag far behind the other (an encoder that cannot keep up): only a leap within a track is a break.
   * @param rawMs the publisher's timestamp, modulo 2^32
   * @returns milliseconds since the stream's first frame, above every earlier one of the same track
   */
  place(kind: Kind, rawMs: number): number {
    const isFirst = this.#rawMs === null;
    this.#unwrappedMs = this.#rawMs === null ? rawMs : this.#unwrappedMs + ((rawMs - this.#rawMs) | 0); // signed, across the wrap
    this.#rawMs = rawMs;
    const before = this.#before[kind];
    this.#before[kind] = this.#unwrappedMs;
    const leapt = before !== null && isLeap(this.#unwrappedMs - before);
    // The track that leapt first has moved the offset for both.
    if (isFirst || (leapt && isLeap(this.#unwrappedMs + this.#offsetMs - this.#latestMs)))
      this.#offsetMs = this.#afterLast() - this.#unwrappedMs;
    const placed = Math.max(this.#unwrappedMs + this.#offsetMs, this.#lastMs[kind] + 1);
    this.#lastMs[kind] = placed;
    return placed;
  }

  get #latestMs(): number {
    return Math.max(this.#lastMs.video, this.#lastMs.audio);
  }

  #afterLast(): number {
    return this.#latestMs < 0 ? 0 : this.#latestMs + BRIDGE_MS;
  }
}

function isLeap(stepMs: number): boolean {
  return stepMs < -BACKWARD_MS || stepMs > FORWARD_MS;
}
