/** The encoder's own figures, sent once a second. */
import { Samples } from '../../src-shared/samples.ts';
import type { EncoderOwnStats } from '../process/encoder-contract.ts';

export class StatsMeter {
  readonly #times = new Samples();
  #cpuUs = cpuUs();
  #atMs = performance.now();

  /** One picture of one rendition took this long, from its turn until the encoder had it. */
  encoded(milliseconds: number): void {
    this.#times.add(milliseconds);
  }

  /** CPU is that of all threads since the last call, 100 being one core. */
  read(counts: Omit<EncoderOwnStats, 'encodeP50Ms' | 'encodeP95Ms' | 'cpuPct' | 'rssBytes'>): EncoderOwnStats {
    const [encodeP50Ms, encodeP95Ms] = this.#times.percentiles(0.5, 0.95);
    const [cpu, now] = [cpuUs(), performance.now()];
    const cpuPct = (cpu - this.#cpuUs) / 10 / Math.max(1, now - this.#atMs);
    [this.#cpuUs, this.#atMs] = [cpu, now];
    return { ...counts, encodeP50Ms, encodeP95Ms, cpuPct, rssBytes: process.memoryUsage.rss() };
  }
}

function cpuUs(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}
