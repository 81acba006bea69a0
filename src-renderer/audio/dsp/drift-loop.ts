/**
 * Where to read in what a device has delivered. Its clock and the audio context's differ by some 100 ppm, and what lies in
 * between would run full or empty: a loop keeps its fill where it is wanted by reading a little faster or slower. Pure.
 */

/** To begin with; a device delivers every 10 ms, and its thread may be late. */
const TARGET_FIRST_S = 0.03;
/** Where sound came too late the fill grows, so that a busy machine costs one hole and no more. */
const TARGET_GROWS = 1.5;
const TARGET_MAX_S = 0.2;
/** After 10 s that left more than this, the fill shrinks by a quarter of the rest. */
const SLACK_S = 0.01;
const SLACK_WINDOW_S = 10;
/** Beyond the target by so much, as after a pause, it is read anew from there. */
const OVERFULL_S = 0.15;
/** 3.5 cents; sound cards stay within 0.02 % */
const STRETCH_MAX = 0.002;
/** The fill jumps with each delivery: its average over this time is looked at … */
const AVERAGE_S = 1;
/** … and brought to the target by a critically damped loop of this natural frequency, in rad/s. */
const LOOP = 0.1;

export class DriftLoop {
  readonly #rateHz: number;
  /** frames that must lie beyond the place that is read last */
  readonly #lookAhead: number;
  #targetS = TARGET_FIRST_S;
  #averageFrames = 0;
  #integral = 0;
  #leastFrames = Number.POSITIVE_INFINITY;
  #windowS = 0;
  /** what was written before is not read any more */
  #from = 0;
  /** where the next read begins, on the count of what is written; null: it has to fill first */
  position: number | null = null;
  /** where `position` last moved by itself, the sound does not go on */
  jumped = false;
  /** how often there was nothing to read */
  underruns = 0;

  constructor(rateHz: number, lookAhead: number) {
    this.#rateHz = rateHz;
    this.#lookAhead = lookAhead;
  }

  /** how long sound lies here */
  get latencyS(): number {
    return this.#averageFrames / this.#rateHz;
  }

  /** by how much the device is faster than the reader */
  get driftPpm(): number {
    return this.#integral * 1e6;
  }

  /**
   * @param written frames so far
   * @param seconds how long the read is to last
   * @returns frames of the device for each second of the reader; null: nothing can be read now. The caller moves `position` on.
   */
  next(written: number, seconds: number): number | null {
    const target = this.#targetS * this.#rateHz;
    this.jumped = false;
    if (this.position === null && written - this.#from < target + this.#lookAhead) return null;
    this.position ??= this.#jumpTo(written - target);
    if (written - this.position > target + OVERFULL_S * this.#rateHz) this.position = this.#jumpTo(written - target);
    const fill = written - this.position;
    if (fill < seconds * this.#rateHz * (1 + STRETCH_MAX) + this.#lookAhead) return this.#starve(written);
    return this.#rateHz * (1 + this.#correction(fill - target, fill, seconds));
  }

  #jumpTo(position: number): number {
    this.#averageFrames = this.#targetS * this.#rateHz;
    this.jumped = true;
    return position;
  }

  #starve(written: number): null {
    this.underruns++;
    this.position = null;
    this.#from = written;
    this.#targetS = Math.min(TARGET_MAX_S, this.#targetS * TARGET_GROWS);
    return null;
  }

  /** Proportional and integral: with k = LOOP, s² + 2ks + k² = 0, both roots at -k. */
  #correction(over: number, fill: number, seconds: number): number {
    this.#averageFrames += (fill - this.#averageFrames) * Math.min(1, seconds / AVERAGE_S);
    const errorS = (this.#averageFrames - (fill - over)) / this.#rateHz;
    this.#watchSlack(fill, seconds);
    this.#integral = clamp(this.#integral + LOOP * LOOP * errorS * seconds);
    return clamp(2 * LOOP * errorS + this.#integral);
  }

  #watchSlack(fill: number, seconds: number): void {
    this.#leastFrames = Math.min(this.#leastFrames, fill - this.#lookAhead);
    this.#windowS += seconds;
    if (this.#windowS < SLACK_WINDOW_S) return;
    const slackS = this.#leastFrames / this.#rateHz - SLACK_S;
    if (slackS > 0) this.#targetS = Math.max(TARGET_FIRST_S, this.#targetS - slackS / 4);
    this.#windowS = 0;
    this.#leastFrames = Number.POSITIVE_INFINITY;
  }
}

function clamp(stretch: number): number {
  return Math.max(-STRETCH_MAX, Math.min(STRETCH_MAX, stretch));
}
