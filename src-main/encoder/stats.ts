/** The encoder's own figures, sent once a second. */
import type { EncoderOwnStats } from '../process/encoder-contract.ts';

const TIMES_KEPT = 300;

export class StatsMeter {
  readonly #times: number[] = [];
  #next = 0;
  #cpuUs = cpuUs();
  #atMs = performance.now();

  /** One picture of one rendition took this long, from its turn until the encoder had it. */
  encoded(milliseconds: number): void {
    this.#times[this.#next] = milliseconds;
    this.#next = (this.#next + 1) % TIMES_KEPT;
  }

  /** CPU is that of all threads since the last call, 100 being one core. */
  read(counts: Omit<EncoderOwnStats, 'encodeP50Ms' | 'encodeP95Ms' | 'cpuPct' | 'rssBytes'>): EncoderOwnStats {
    const sorted = this.#times.toSorted((a, b) => a - b);
    const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
    const [cpu, now] = [cpuUs(), performance.now()];
    const cpuPct = (cpu - this.#cpuUs) / 10 / Math.max(1, now - this.#atMs);
    [this.#cpuUs, this.#atMs] = [cpu, now];
    return { ...counts, encodeP50Ms: at(0.5), encodeP95Ms: at(0.95), cpuPct, rssBytes: process.memoryUsage.rss() };
  }
}

function cpuUs(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}
