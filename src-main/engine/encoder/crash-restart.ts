/** When a process that has crashed is started again: at once at first, later where it keeps crashing. */
import type { Clock } from '../../process/clock.ts';
import { restartDelayMs } from './restart-delay.ts';

/** A process that has worked for so long and then crashes is not one that keeps crashing. */
const LASTED_US = 10_000_000;
const CRASHES_KEPT = 20;

export class CrashRestart {
  readonly #clock: Clock;
  readonly #restart: () => void;
  #timer: NodeJS.Timeout | null = null;
  #crashesUs: number[] = [];
  /** since when the process is at work */
  #beganUs = 0;

  constructor(clock: Clock, restart: () => void) {
    this.#clock = clock;
    this.#restart = restart;
  }

  /** the next process is not started yet */
  get isWaiting(): boolean {
    return this.#timer !== null;
  }

  began(): void {
    this.#beganUs = this.#clock.nowUs();
  }

  crashed(): void {
    const nowUs = this.#clock.nowUs();
    this.#crashesUs = nowUs - this.#beganUs >= LASTED_US ? [nowUs] : [...this.#crashesUs.slice(-CRASHES_KEPT), nowUs];
  }

  /** Starts the next one, now or after the wait that its crashes have earned. */
  soon(): void {
    const delayMs = restartDelayMs(this.#crashesUs, this.#clock.nowUs());
    if (delayMs === 0) return this.#restart();
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#restart();
    }, delayMs);
  }

  cancel(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
