/** Remembers the processes that were started until they have ended: none may outlive the server, not even one that hangs. */
import type { Service, ServiceHost, ServiceName } from '../../process/service.ts';

/** the system is slow to end one; the server waits no longer */
const END_MS = 1_000;

export class EndedServices implements ServiceHost {
  readonly #host: ServiceHost;
  readonly #running = new Set<Service<never, unknown>>();

  constructor(host: ServiceHost) {
    this.#host = host;
  }

  start<Out, In>(name: ServiceName, options?: Parameters<ServiceHost['start']>[1]): Service<Out, In> {
    const service = this.#host.start<Out, In>(name, options);
    this.#running.add(service);
    service.onExit(() => this.#running.delete(service));
    return service;
  }

  /** Ends all at once, without a word. @returns when they have ended, or a second later */
  async endAll(): Promise<void> {
    const ends = [...this.#running].map((service) => {
      const ended = new Promise<void>((resolve) => service.onExit(() => resolve()));
      service.kill('SIGKILL');
      return ended;
    });
    if (ends.length === 0) return;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, END_MS);
    });
    await Promise.race([Promise.all(ends), late]);
    clearTimeout(timer);
  }
}
