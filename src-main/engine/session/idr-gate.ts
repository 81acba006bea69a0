/** The clockwork around idr-requests.ts: joins requests for one rendition and passes them on. */
import type { Clock } from '../../process/clock.ts';
import { type IdrEvent, nextIdr, noIdrRequests } from './idr-requests.ts';

export class IdrGate {
  readonly #clock: Clock;
  readonly #ask: () => void;
  #state = noIdrRequests;
  #timer: NodeJS.Timeout | null = null;

  constructor(clock: Clock, ask: () => void) {
    this.#clock = clock;
    this.#ask = ask;
  }

  want(): void {
    this.#step('wanted');
  }

  /** an IDR has come out of the encoder */
  idr(): void {
    this.#step('idr');
  }

  dispose(): void {
    if (this.#timer) clearTimeout(this.#timer);
  }

  #step(type: IdrEvent['type']): void {
    const nowUs = this.#clock.nowUs();
    const { state, ask, wakeAtUs } = nextIdr(this.#state, { type, nowUs });
    this.#state = state;
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = wakeAtUs === null ? null : setTimeout(() => this.#step('timer'), Math.ceil((wakeAtUs - nowUs) / 1_000));
    if (ask) this.#ask();
  }
}
