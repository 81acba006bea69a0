/** The process behind a ladder: started, watched, replaced when it ends or hangs, and stopped. */
import type { FromLadder, ToLadder } from '../../process/ladder-contract.ts';
import type { Service } from '../../process/service.ts';
import type { StartedLadder } from './spare-process.ts';

const STOP_MS = 2_000;
/** after the first crash, and twice as long after each further one that follows soon */
const RESTART_MS = 200;
const RESTART_MOST_MS = 10_000;
const SOON_MS = 30_000;
/** ends without a single picture worked through: the next one would end so as well */
const FRUITLESS_MAX = 3;
/** and within SOON_MS of one that works now and then */
const CRASHES_MAX = 6;
/** loading its libraries on a busy machine may take so many times the wait for a picture */
const BOOT_HANGS = 5;

export type LadderNews = Exclude<FromLadder, { type: 'taken' | 'ready' }>;

export interface LadderProcessOptions {
  /** one that is ready, or a new one */
  take(): StartedLadder;
  /** takes nothing for so long though it should, once it is ready: it is replaced */
  hangMs: number;
  /** another process begins: it knows nothing yet */
  onStart(): void;
  onMessage(message: LadderNews): void;
  /** there is room for another picture */
  onRoom(): void;
  /** it ended, though nobody wanted it to; another one follows, if any */
  onCrash(): void;
  /** it ended again and again, and is not started any more */
  onGiveUp(): void;
}

export class LadderProcess {
  readonly #options: LadderProcessOptions;
  #service: Service<ToLadder, FromLadder> | null = null;
  #restart: NodeJS.Timeout | null = null;
  #underWay = 0;
  #movedAtMs = 0;
  #ready = false;
  #crashes: number[] = [];
  /** ends since a picture was worked through last */
  #fruitless = 0;
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
      if (this.#underWay === 0 && this.#ready) this.#movedAtMs = performance.now();
      this.#underWay += 1;
    }
    this.#service?.send(message);
  }

  /** To be called each second. */
  tick(): void {
    const { hangMs } = this.#options;
    const stillMs = performance.now() - this.#movedAtMs;
    const hangs = this.#ready ? this.#underWay > 0 && stillMs > hangMs : stillMs > BOOT_HANGS * hangMs;
    if (hangs) this.#service?.kill('SIGKILL');
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
    const { service, ready } = this.#options.take();
    this.#service = service;
    this.#ready = ready;
    service.onMessage((message) => {
      if (this.#service !== service || this.#stopped) return;
      if (message.type === 'taken') this.#onTaken();
      else if (message.type === 'ready') this.#onReady();
      else this.#options.onMessage(message);
    });
    service.onExit(() => this.#onExit());
    this.#options.onStart();
  }

  /** Pictures have waited for it; from now on it is to work. */
  #onReady(): void {
    this.#ready = true;
    this.#movedAtMs = performance.now();
  }

  #onTaken(): void {
    this.#fruitless = 0;
    this.#underWay = Math.max(0, this.#underWay - 1);
    this.#movedAtMs = performance.now();
    this.#options.onRoom();
  }

  #onExit(): void {
    this.#service = null;
    if (this.#stopped) return;
    this.#options.onCrash();
    const nowMs = performance.now();
    this.#crashes = [...this.#crashes.filter((atMs) => nowMs - atMs < SOON_MS), nowMs];
    this.#fruitless += 1;
    if (this.#fruitless >= FRUITLESS_MAX || this.#crashes.length >= CRASHES_MAX) return this.#options.onGiveUp();
    const delayMs = Math.min(RESTART_MOST_MS, RESTART_MS * 2 ** (this.#crashes.length - 1));
    this.#restart = setTimeout(() => this.start(), delayMs);
  }
}
