/** What else a machine does while a test measures: a figure that needs the machine means little on one that is busy. Linux. */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { cpuMsOfAll, hasCpuTimes } from './cpu-time.ts';
import { descendants } from './processes.ts';

const SAMPLE_EVERY_MS = 1_000;
const CLOCK_TICK_MS = 10; // USER_HZ, see cpu-time.ts

export class OtherLoad {
  readonly #startMs = performance.now();
  readonly #busyAtStartMs = hasCpuTimes ? machineBusyMs() : 0;
  /** the newest figure of every process of this test, also of those that have ended meanwhile */
  readonly #own = new Map<number, number>();
  readonly #before = new Map<number, number>();
  readonly #timer: NodeJS.Timeout;

  constructor() {
    this.#sample();
    for (const [pid, cpuMs] of this.#own) this.#before.set(pid, cpuMs);
    this.#timer = setInterval(() => this.#sample(), SAMPLE_EVERY_MS);
  }

  /** @returns how much of all cores went to others (and to a hypervisor's other guests) since the beginning, 0 to 1; null: unknown */
  stop(): number | null {
    clearInterval(this.#timer);
    if (!hasCpuTimes) return null;
    this.#sample();
    const all = machineBusyMs() - this.#busyAtStartMs;
    const own = [...this.#own].reduce((sum, [pid, cpuMs]) => sum + cpuMs - (this.#before.get(pid) ?? 0), 0);
    return Math.max(0, all - own) / ((performance.now() - this.#startMs) * availableParallelism());
  }

  #sample(): void {
    if (!hasCpuTimes) return;
    for (const pid of [process.pid, ...descendants(process.pid).map((child) => child.pid)]) {
      const cpuMs = cpuMsOfAll([pid]);
      if (cpuMs > 0) this.#own.set(pid, cpuMs);
    }
  }
}

/** Of all cores, since the machine was started; waiting for disks is idle. @see proc(5), /proc/stat */
function machineBusyMs(): number {
  const [, ...times] = (readFileSync('/proc/stat', 'utf8').split('\n')[0] ?? '').split(/\s+/);
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = times.map(Number);
  return (user + nice + system + irq + softirq + steal) * CLOCK_TICK_MS;
}
