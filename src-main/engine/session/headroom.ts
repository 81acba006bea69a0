/** Whether the machine carries one more encode, or too many: its idle time of the last seconds against what the present ones cost. */
import { cpus } from 'node:os';

const SAMPLES = 5;
/** what an encode costs moves with the picture, and a full machine delays all of them */
const MARGIN = 1.3;
const SPARE_CORES = 0.3;
/** With less idle than this, pictures are late already. */
const SHORT_CORES = 0.1;

export interface CpuTimes {
  idleMs: number;
  totalMs: number;
  cores: number;
}

export function cpuTimes(): CpuTimes {
  const all = cpus();
  const sum = { idleMs: 0, totalMs: 0, cores: all.length };
  for (const { times } of all) {
    sum.idleMs += times.idle;
    sum.totalMs += times.user + times.nice + times.sys + times.irq + times.idle;
  }
  return sum;
}

/** Fed once a second. */
export class Headroom {
  #samples: CpuTimes[] = [];

  add(times: CpuTimes): void {
    this.#samples = [...this.#samples.slice(-SAMPLES), times];
  }

  /** What was measured before an encode came or went says nothing any more. */
  forget(): void {
    this.#samples = [];
  }

  /** @returns false until it has been measured for five seconds @param encodeCores what one more would take */
  allows(encodeCores: number): boolean {
    const idleCores = this.#idleCores();
    return idleCores !== null && idleCores >= encodeCores * MARGIN + SPARE_CORES;
  }

  /** Nothing is left, and has not been for five seconds: far below what allows another encode, so that neither follows from the other. */
  get isShort(): boolean {
    const idleCores = this.#idleCores();
    return idleCores !== null && idleCores < SHORT_CORES;
  }

  #idleCores(): number | null {
    const first = this.#samples[0];
    const last = this.#samples.at(-1);
    if (!first || !last || this.#samples.length <= SAMPLES) return null;
    const totalMs = last.totalMs - first.totalMs;
    return totalMs > 0 ? ((last.idleMs - first.idleMs) / totalMs) * last.cores : null;
  }
}
