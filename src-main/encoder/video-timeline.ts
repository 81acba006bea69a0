/**
 * Which picture is encoded for which output tick. Pure: no clock, no timers, no native code.
 *
 * Tick n is due at n / frameRate after the epoch. Every tick gets exactly one picture: its own if that comes in time,
 * else the one before it again. Ticks stay empty only before a show's first picture, which is waited for, and after a stall
 * of the whole process (see `#skipStall`).
 */
import { tickToUs, usToTick } from '../../src-shared/units.ts';

/** How long after its due time a tick waits for its picture; so much jitter of the transport costs no repeat. */
export const PICTURE_WAIT_US = 150_000;
/** A picture this far ahead of its due time was stamped by a wrong clock. */
export const PICTURE_EARLY_MAX_US = 250_000;
/**
 * So long a beginning waits for its first picture, so that a show does not open with black while the page connects; and
 * so long a replaced encoder keeps the viewers' last picture on their screens.
 */
export const FIRST_PICTURE_WAIT_US = 1_000_000;
/** More than this much is not caught up by repeats. */
export const CATCH_UP_MAX_US = 1_000_000;

export interface TickOutput<P> {
  tick: number;
  /** null before the first picture ever: black */
  picture: P | null;
  repeated: boolean;
}

export class VideoTimeline<P> {
  readonly #frameRate: number;
  #next: number;
  #last: P | null;
  /** no tick is encoded before this time unless a picture has come */
  readonly #blackFromUs: number;
  readonly counts = { new: 0, repeated: 0, late: 0, skipped: 0 };

  /** @param last the picture to repeat until the first one comes */
  constructor(frameRate: number, firstTick: number, last: P | null = null) {
    this.#frameRate = frameRate;
    this.#next = firstTick;
    this.#last = last;
    this.#blackFromUs = last === null ? tickToUs(firstTick, frameRate) + FIRST_PICTURE_WAIT_US : 0;
  }

  /** the first tick that has no picture yet */
  get next(): number {
    return this.#next;
  }

  /** the newest picture, which repeats show */
  get last(): P | null {
    return this.#last;
  }

  /** when `advance` has something to do if no picture comes */
  get deadlineUs(): number {
    return Math.max(tickToUs(this.#next, this.#frameRate) + PICTURE_WAIT_US, this.#awaitsFirst ? this.#blackFromUs : 0);
  }

  get #awaitsFirst(): boolean {
    return this.#last === null && this.counts.repeated === 0;
  }

  /** A picture has come. @returns the ticks that can be encoded now, in order: repeats for missing ones, its own, what is overdue after it */
  offer(tick: number, picture: P, nowUs: number): TickOutput<P>[] {
    this.#skipStall(nowUs);
    const early = tickToUs(tick, this.#frameRate) > nowUs + PICTURE_EARLY_MAX_US;
    if (tick < this.#next || early) {
      this.counts.late++;
      const overdue = this.advance(nowUs);
      this.#last = picture;
      return overdue;
    }
    if (this.#awaitsFirst) this.#next = tick;
    const outputs = this.#repeatUpTo(tick);
    this.#last = picture;
    this.#next = tick + 1;
    this.counts.new++;
    outputs.push({ tick, picture, repeated: false }, ...this.advance(nowUs));
    return outputs;
  }

  /** Time has passed. @returns repeats for the ticks that have waited long enough */
  advance(nowUs: number): TickOutput<P>[] {
    if (this.#awaitsFirst) {
      if (nowUs < this.#blackFromUs) return [];
      this.#next = Math.max(this.#next, usToTick(nowUs - PICTURE_WAIT_US, this.#frameRate));
    }
    this.#skipStall(nowUs);
    return this.#repeatUpTo(usToTick(nowUs - PICTURE_WAIT_US, this.#frameRate) + 1);
  }

  #repeatUpTo(end: number): TickOutput<P>[] {
    const outputs: TickOutput<P>[] = [];
    for (; this.#next < end; this.#next++) outputs.push({ tick: this.#next, picture: this.#last, repeated: true });
    this.counts.repeated += outputs.length;
    return outputs;
  }

  /**
   * After a stall (suspended machine, starved process) hundreds of repeats at once would only delay what is live.
   * The ticks in between stay empty: times come from the tick, so later pictures keep their right time and stay in
   * step with the sound; receivers see one gap.
   */
  #skipStall(nowUs: number): void {
    if (nowUs - this.deadlineUs <= CATCH_UP_MAX_US) return;
    const due = usToTick(nowUs, this.#frameRate);
    this.counts.skipped += due - this.#next;
    this.#next = due;
  }
}
