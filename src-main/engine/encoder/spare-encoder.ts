/**
 * A second encoder process that has loaded its libraries and waits with nothing opened. It takes over when the one at
 * work fails: to start one takes 0.3 s on an idle machine, and a second on one that is busy with a show.
 */
import { freemem } from 'node:os';
import type { Log } from '../log.ts';
import { EncoderProcess, type EncoderProcessOptions } from './encoder-process.ts';

/** After the packets of one that took over: starting takes 0.3 s of a core, which a show that comes back needs itself. */
export const SPARE_AFTER_MS = 3_000;
/** One that ended by itself is tried again, not at once. */
const AGAIN_AFTER_MS = 30_000;
/** It holds 70 MB of its own: where memory is short, a show does better without. */
export const SPARE_FREE_BYTES = 512 * 1_024 * 1_024;

export class SpareEncoder {
  readonly #options: EncoderProcessOptions & { log: Log };
  readonly #freeBytes: () => number;
  #process: EncoderProcess | null = null;
  #timer: NodeJS.Timeout | null = null;

  constructor(options: EncoderProcessOptions & { log: Log }, freeBytes: () => number = freemem) {
    this.#options = options;
    this.#freeBytes = freeBytes;
  }

  /**
   * A show begins: the spare one loads beside the one that will work, before there are pictures. In the midst of a show it
   * costs a machine of two cores up to ten pictures, four of them in a row (measured).
   */
  prepareNow(): void {
    if (!this.#process && !this.#timer) this.#start();
  }

  /** The encoder at work gives packets: soon there is to be a spare one. Called as often as you like. */
  prepare(): void {
    if (!this.#process) this.#timer ??= setTimeout(() => this.#start(), SPARE_AFTER_MS);
  }

  /** @returns one that can begin at once, or sooner than one that is yet to be started; null when there is none */
  take(): EncoderProcess | null {
    const spare = this.#process;
    this.#process = null;
    return spare;
  }

  /** Nothing is wanted: nothing waits. */
  retire(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    this.#process?.abandon();
    this.#process = null;
  }

  #start(): void {
    this.#timer = null;
    if (this.#freeBytes() < SPARE_FREE_BYTES) {
      this.#timer = setTimeout(() => this.#start(), AGAIN_AFTER_MS);
      return;
    }
    const spare = new EncoderProcess(this.#options, {
      onMessage: () => {}, // its figures
      onEnd: (how) => {
        if (this.#process !== spare) return;
        this.#process = null;
        this.#options.log.warn(`encoder: the spare one ended (${how})`);
        this.#timer = setTimeout(() => this.#start(), AGAIN_AFTER_MS);
      },
    });
    this.#process = spare;
  }
}
