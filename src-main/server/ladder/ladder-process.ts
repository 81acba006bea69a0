/** The process behind a ladder: started, watched, replaced when it ends or hangs, and stopped. */
import type { FromLadder, ToLadder } from '../../process/ladder-contract.ts';
import type { Service, ServiceHost } from '../../process/service.ts';

const STOP_MS = 2_000;
/** after the first crash, and twice as long after each further one that follows soon */
const RESTART_MS = 200;
const RESTART_MOST_MS = 10_000;
const SOON_MS = 30_000;

export type LadderNews = Exclude<FromLadder, { type: 'taken' | 'ready' }>;

export interface LadderProcessOptions {
  services: ServiceHost;
  /** FFmpeg's names of the encoders to try, the best first */
  encoders: readonly string[];
  /** takes nothing for so long though it should: it is replaced */
  hangMs: number;
  /** another process begins: it knows nothing yet */
  onStart(): void;
  onMessage(message: LadderNews): void;
  /** there is room for another picture */
  onRoom(): void;
}

export class LadderProcess {
  readonly #options: LadderProcessOptions;
  #service: Service<ToLadder, FromLadder> | null = null;
  #restart: NodeJS.Timeout | null = null;
  #underWay = 0;
  #movedAtMs = 0;
  #crashes: number[] = [];
  #stopped = false;

  constructor(options: LadderProcessOptions) {
    this.#options = options;
  }

  get pid(): number | undefined {
    return this.#service?.pid;
  }

  /** pictures that were sent and not worked through yet */
  get underWay(): number {
    return this.#underWay;
  }

  send(message: ToLadder): void {
    if (message.type === 'picture') {
      if (this.#underWay === 0) this.#movedAtMs = performance.now();
      this.#underWay += 1;
    }
    this.#service?.send(message);
  }

  /** To be called each second. */
  tick(): void {
    if (this.#underWay > 0 && performance.now() - this.#movedAtMs > this.#options.hangMs) this.#service?.kill('SIGKILL');
  }

  stop(): void {
    this.#stopped = true;
    if (this.#restart) clearTimeout(this.#restart);
    const service = this.#service;
    if (!service) return;
    service.send({ type: 'stop' });
    const timer = setTimeout(() => service.kill('SIGKILL'), STOP_MS);
    service.onExit(() => clearTimeout(timer));
  }

  start(): void {
    this.#restart = null;
    this.#underWay = 0;
    this.#movedAtMs = performance.now();
    const service = this.#options.services.start<ToLadder, FromLadder>('ladder', { args: [...this.#options.encoders] });
    this.#service = service;
    service.onMessage((message) => {
      if (this.#service !== service || this.#stopped) return;
      if (message.type === 'taken') this.#onTaken();
      else if (message.type !== 'ready') this.#options.onMessage(message);
    });
    service.onExit(() => this.#onExit());
    this.#options.onStart();
  }

  #onTaken(): void {
    this.#underWay = Math.max(0, this.#underWay - 1);
    this.#movedAtMs = performance.now();
    this.#options.onRoom();
  }

  #onExit(): void {
    this.#service = null;
    if (this.#stopped) return;
    const nowMs = performance.now();
    this.#crashes = [...this.#crashes.filter((atMs) => nowMs - atMs < SOON_MS), nowMs];
    const delayMs = Math.min(RESTART_MOST_MS, RESTART_MS * 2 ** (this.#crashes.length - 1));
    this.#restart = setTimeout(() => this.start(), delayMs);
  }
}
