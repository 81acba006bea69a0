/** Notices an encoder that has stopped giving packets. */

const CHECK_MS = 250;
/** 2 s. Counted in checks, not by the clock: packets that wait while the engine itself was busy or asleep are not missing. */
const SILENT_CHECKS_MAX = 8;
/** a fresh process loads its codecs, perhaps on a busy machine, before its first packet */
const FIRST_CHECKS_MAX = 40;

export class PacketWatch {
  readonly #onSilence: () => void;
  #timer: NodeJS.Timeout | null = null;
  #silentChecks = 0;
  #first = true;

  constructor(onSilence: () => void) {
    this.#onSilence = onSilence;
  }

  set(on: boolean): void {
    if (on && !this.#timer) {
      this.reset();
      this.#timer = setInterval(() => this.#check(), CHECK_MS);
    }
    if (!on && this.#timer) {
      clearInterval(this.#timer);
      this.#timer = null;
    }
  }

  /** A new process, or a new wish: the first packet may take longer. */
  reset(): void {
    this.#first = true;
    this.#silentChecks = 0;
  }

  packet(): void {
    this.#first = false;
    this.#silentChecks = 0;
  }

  #check(): void {
    this.#silentChecks += 1;
    if (this.#silentChecks < (this.#first ? FIRST_CHECKS_MAX : SILENT_CHECKS_MAX)) return;
    this.reset();
    this.#onSilence();
  }
}
