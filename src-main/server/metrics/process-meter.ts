/** What this process takes. */
import { monitorEventLoopDelay } from 'node:perf_hooks';

const NS_PER_MS = 1_000_000;
const RESOLUTION_MS = 20;
const WINDOW_MS = 1_000;

export interface LoopDelay {
  p50Ms: number;
  p99Ms: number;
}

export class ProcessMeter {
  readonly startedAtMs: number = Date.now() - process.uptime() * 1_000;
  readonly #delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  readonly #timer: NodeJS.Timeout;
  #loopDelay: LoopDelay = { p50Ms: 0, p99Ms: 0 };

  constructor() {
    this.#delays.enable();
    this.#timer = setInterval(() => this.#turn(), WINDOW_MS);
    this.#timer.unref();
  }

  /** user and system time */
  get cpuUs(): number {
    const { user, system } = process.cpuUsage();
    return user + system;
  }

  get rssBytes(): number {
    return process.memoryUsage.rss();
  }

  /** over the last whole second; what node's timer is late by itself is not in it */
  get loopDelay(): LoopDelay {
    return this.#loopDelay;
  }

  dispose(): void {
    clearInterval(this.#timer);
    this.#delays.disable();
  }

  #turn(): void {
    const late = (percentile: number) => Math.max(0, this.#delays.percentile(percentile) / NS_PER_MS - RESOLUTION_MS);
    this.#loopDelay = { p50Ms: late(50), p99Ms: late(99) };
    this.#delays.reset();
  }
}
