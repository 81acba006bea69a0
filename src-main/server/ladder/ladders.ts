/** The ladders of all shows of a server, and what they may take of this machine together. */
import { availableParallelism } from 'node:os';
import { isDeepStrictEqual } from 'node:util';
import type { LadderSettings } from '../../process/server-contract.ts';
import { NodeServiceHost, type ServiceHost } from '../../process/service.ts';
import type { LiveStream } from '../hub/live-stream.ts';
import type { ServerLimits } from '../limits.ts';
import { EncoderList } from './encoder-list.ts';
import { EndedServices } from './ended-services.ts';
import { Ladder } from './ladder.ts';
import { ladderCores } from './policy.ts';
import { SpareProcess } from './spare-process.ts';

export interface LadderSurroundings {
  /** starts the processes; left out: as children of this one */
  services?: ServiceHost;
  /** of the machine; left out: as many as it has */
  cores?: number;
  log?(line: string): void;
}

export class Ladders {
  readonly #limits: ServerLimits;
  readonly #cores: number;
  readonly #services: EndedServices;
  readonly #spare: SpareProcess;
  readonly #encoders: EncoderList;
  readonly #ladders = new Map<LiveStream, Ladder>();
  readonly #ticker: NodeJS.Timeout;
  /** null: shows have one quality, the publisher's */
  #settings: LadderSettings | null;

  constructor(limits: ServerLimits, settings: LadderSettings | null, { services, cores, log }: LadderSurroundings) {
    this.#limits = limits;
    this.#settings = settings;
    this.#cores = cores ?? availableParallelism();
    this.#services = new EndedServices(services ?? new NodeServiceHost());
    this.#spare = new SpareProcess(this.#services, limits.ladderNiceness);
    this.#encoders = new EncoderList(this.#services, settings?.encoders ?? 'auto', log ?? (() => {}));
    this.#ticker = setInterval(() => this.#tick(), 1_000);
  }

  /** From now on; rungs that are none of them any more end, and their viewers choose anew. */
  set(settings: LadderSettings | null): void {
    // ladders compare them by identity, and each message brings others
    const rungs = this.#settings?.rungs;
    this.#settings = settings && rungs && isDeepStrictEqual(settings.rungs, rungs) ? { ...settings, rungs } : settings;
    this.#encoders.set(settings?.encoders ?? 'auto');
    for (const ladder of this.#ladders.values()) {
      if (settings) ladder.rechoose();
      else ladder.end();
    }
  }

  /** @returns null where ladders are switched off */
  of(source: LiveStream): Ladder | null {
    if (!this.#settings) return null;
    let ladder = this.#ladders.get(source);
    if (!ladder) {
      ladder = new Ladder({
        source,
        limits: this.#limits,
        processes: this.#spare,
        encoders: this.#encoders,
        wanted: () => this.#settings?.rungs ?? [],
        coresLeft: () => ladderCores(this.#cores) - this.#coresWithout(source),
      });
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
    this.#encoders.dispose();
    this.forget(() => false);
    await this.#services.endAll();
  }

  #tick(): void {
    const nowMs = performance.now();
    let isExpected = false;
    for (const ladder of this.#ladders.values()) {
      if (ladder.active) ladder.tick();
      isExpected = ladder.isExpected(nowMs) || isExpected;
    }
    isExpected &&= this.#settings !== null;
    if (isExpected) this.#encoders.prepare();
    this.#spare.keep(isExpected);
  }

  #coresWithout(source: LiveStream): number {
    let cores = 0;
    for (const [other, ladder] of this.#ladders) if (other !== source) cores += ladder.cores;
    return cores;
  }
}
