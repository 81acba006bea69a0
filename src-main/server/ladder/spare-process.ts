/**
 * A ladder's process before anyone needs it. To load its libraries takes most of the time until a rung's first picture, so one is
 * kept ready while a show is watched whose viewers know that there are rungs: one for the whole server, since it waits for seconds.
 */
import type { FromLadder, ToLadder } from '../../process/ladder-contract.ts';
import type { Service, ServiceHost } from '../../process/service.ts';

/** one that ended by itself would do so again */
const AGAIN_MS = 60_000;

export interface StartedLadder {
  service: Service<ToLadder, FromLadder>;
  /** it has said so already */
  ready: boolean;
}

export class SpareProcess {
  readonly #services: Pick<ServiceHost, 'start'>;
  readonly #niceness: number;
  #spare: StartedLadder | null = null;
  #notBeforeMs = 0;

  /** @param niceness see ServerLimits */
  constructor(services: Pick<ServiceHost, 'start'>, niceness: number) {
    this.#services = services;
    this.#niceness = niceness;
  }

  /** To be called each second. @param isExpected somebody may ask for a rung at any moment */
  keep(isExpected: boolean): void {
    if (isExpected && !this.#spare && performance.now() >= this.#notBeforeMs) this.#spare = this.#start();
    if (!isExpected) this.end();
  }

  /** @returns the one that is ready, or about to be; else a new one */
  take(): StartedLadder {
    const started = this.#spare ?? this.#start();
    this.#spare = null;
    return started;
  }

  /** It has done nothing yet that it would have to end in order. */
  end(): void {
    const { service } = this.#spare ?? {};
    this.#spare = null;
    service?.kill('SIGKILL');
  }

  #start(): StartedLadder {
    const service = this.#services.start<ToLadder, FromLadder>('ladder', { args: [String(this.#niceness)] });
    const started: StartedLadder = { service, ready: false };
    const unlisten = service.onMessage((message) => {
      if (message.type !== 'ready') return;
      started.ready = true;
      unlisten();
    });
    service.onExit(() => {
      if (this.#spare !== started) return;
      this.#spare = null;
      this.#notBeforeMs = performance.now() + AGAIN_MS;
    });
    return started;
  }
}
