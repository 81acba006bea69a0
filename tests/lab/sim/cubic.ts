/**
 * How many packets TCP lets be on their way: CUBIC as Linux has it, what desktops use, with HyStart's exit by delay and the
 * decay of a window that is not used. Windows count packets; times are milliseconds.
 * @see RFC 9438; RFC 9406, 4.2; RFC 7661
 */
const INITIAL_WINDOW = 10;
const BETA = 0.7;
const C = 0.4;
const HYSTART_MIN_WINDOW = 16;
const HYSTART_SAMPLES = 8;

export class Cubic {
  #window = INITIAL_WINDOW;
  #threshold = Number.POSITIVE_INFINITY;
  #epochStartMs: number | null = null;
  #lastMax = 0;
  #origin = 0;
  #plateauS = 0;
  #renoWindow = 0;
  #roundSamples = 0;
  #roundMinRttMs = Number.POSITIVE_INFINITY;
  #minRttMs = Number.POSITIVE_INFINITY;
  #before: { window: number; threshold: number; lastMax: number } | null = null;

  get window(): number {
    return Math.max(1, Math.floor(this.#window));
  }

  get #isSlowStart(): boolean {
    return this.#window < this.#threshold;
  }

  /** @param isLimited whether this window, and not the sender, is what held data back. @param mostOut most packets out of late */
  acked(packets: number, rttMs: number, nowMs: number, { isLimited, mostOut }: { isLimited: boolean; mostOut: number }): void {
    this.#minRttMs = Math.min(this.#minRttMs, rttMs);
    if (this.#isSlowStart) this.#watchDelay(rttMs);
    if (this.#isSlowStart) {
      if (isLimited || this.#window < 2 * mostOut) this.#window += packets;
    } else if (isLimited) this.#grow(packets, nowMs);
  }

  /** A round trip has passed. */
  roundOver(): void {
    this.#roundSamples = 0;
    this.#roundMinRttMs = Number.POSITIVE_INFINITY;
  }

  lost(): void {
    this.#remember();
    this.#lastMax = this.#window < this.#lastMax ? (this.#window * (1 + BETA)) / 2 : this.#window;
    this.#epochStartMs = null;
    this.#threshold = Math.max(2, this.#window * BETA);
    this.#window = this.#threshold;
  }

  timedOut(): void {
    this.lost();
    this.#window = 1;
  }

  /** The loss was none: what seemed lost was only late. */
  undo(): void {
    if (!this.#before) return;
    this.#window = this.#before.window;
    this.#threshold = this.#before.threshold;
    this.#lastMax = this.#before.lastMax;
    this.#before = null;
  }

  /** RFC 7661: a window not filled for a time-out comes down half-way to what was used. */
  unused(mostOut: number): void {
    const used = Math.max(mostOut, INITIAL_WINDOW);
    if (used >= this.#window) return;
    this.#threshold = Math.max(this.#threshold, 0.75 * this.#window);
    this.#window = (this.#window + used) / 2;
  }

  #remember(): void {
    this.#before = { window: this.#window, threshold: this.#threshold, lastMax: this.#lastMax };
  }

  #watchDelay(rttMs: number): void {
    this.#roundSamples += 1;
    this.#roundMinRttMs = Math.min(this.#roundMinRttMs, rttMs);
    if (this.#roundSamples < HYSTART_SAMPLES || this.#window < HYSTART_MIN_WINDOW) return;
    const toleratedMs = Math.min(16, Math.max(4, this.#minRttMs / 8));
    if (this.#roundMinRttMs > this.#minRttMs + toleratedMs) this.#threshold = this.#window;
  }

  #grow(packets: number, nowMs: number): void {
    if (this.#epochStartMs === null) {
      this.#epochStartMs = nowMs;
      this.#plateauS = this.#lastMax > this.#window ? Math.cbrt((this.#lastMax - this.#window) / C) : 0;
      this.#origin = Math.max(this.#lastMax, this.#window);
      this.#renoWindow = this.#window;
    }
    const t = (nowMs + this.#minRttMs - this.#epochStartMs) / 1_000;
    const target = this.#origin + C * (t - this.#plateauS) ** 3;
    let acksForOne = target > this.#window ? this.#window / (target - this.#window) : 100 * this.#window;
    this.#renoWindow += (packets * 3 * ((1 - BETA) / (1 + BETA))) / this.#window;
    if (this.#renoWindow > this.#window) acksForOne = Math.min(acksForOne, this.#window / (this.#renoWindow - this.#window));
    this.#window += packets / Math.max(2, acksForOne);
  }
}
