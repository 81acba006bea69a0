/** The ladders of all shows of a server, and what they may take of this machine together. */
import { availableParallelism } from 'node:os';
import type { ServiceHost } from '../../process/service.ts';
import type { LiveStream } from '../hub/live-stream.ts';
import type { ServerLimits } from '../limits.ts';
import { EndedServices } from './ended-services.ts';
import { Ladder } from './ladder.ts';
import { ladderCores } from './policy.ts';

export interface LadderSurroundings {
  /** starts the processes */
  services: ServiceHost;
  /** FFmpeg's names of the encoders to try, the best first */
  encoders: readonly string[];
  /** of the machine; left out: as many as it has */
  cores?: number;
}

export class Ladders {
  readonly #limits: ServerLimits;
  readonly #surroundings: LadderSurroundings | null;
  readonly #services: EndedServices | null;
  readonly #ladders = new Map<LiveStream, Ladder>();
  readonly #ticker: NodeJS.Timeout;

  /** @param surroundings null: shows have one quality, the publisher's */
  constructor(limits: ServerLimits, surroundings: LadderSurroundings | null) {
    this.#limits = limits;
    this.#surroundings = surroundings;
    this.#services = surroundings && new EndedServices(surroundings.services);
    this.#ticker = setInterval(() => {
      for (const ladder of this.#ladders.values()) if (ladder.active) ladder.tick();
    }, 1_000);
  }

  /** @returns null where ladders are switched off */
  of(source: LiveStream): Ladder | null {
    const services = this.#services;
    const { encoders, cores = availableParallelism() } = this.#surroundings ?? {};
    if (!services || !encoders) return null;
    let ladder = this.#ladders.get(source);
    if (!ladder) {
      const coresLeft = () => ladderCores(cores) - this.#coresWithout(source);
      ladder = new Ladder({ source, limits: this.#limits, services, encoders, coresLeft });
      this.#ladders.set(source, ladder);
    }
    return ladder;
  }

  /** Shows that are served no longer. */
  forget(isServed: (source: LiveStream) => boolean): void {
    for (const [source, ladder] of this.#ladders) {
      if (isServed(source)) continue;
      ladder.end();
      this.#ladders.delete(source);
    }
  }

  /** @returns when no process of theirs is left: nothing waits for it to end by itself, since the server ends now */
  async close(): Promise<void> {
    clearInterval(this.#ticker);
    this.forget(() => false);
    await this.#services?.endAll();
  }

  #coresWithout(source: LiveStream): number {
    let cores = 0;
    for (const [other, ladder] of this.#ladders) if (other !== source) cores += ladder.cores;
    return cores;
  }
}
