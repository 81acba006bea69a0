/** Figures once a second: this process, the disk, and what the parts say of themselves. */
import { statfs } from 'node:fs/promises';
import type {
  CompositorStats,
  EncoderStats,
  LinkState,
  PipelineLatency,
  PublisherStatus,
  RecorderState,
  SessionState,
  StudioStats,
} from '../../../src-shared/domain/index.ts';
import { US_PER_MS, US_PER_S } from '../../../src-shared/units.ts';
import type { Clock } from '../../process/clock.ts';
import type { ServerFigures } from '../../process/server-contract.ts';
import type { Emit } from '../events.ts';
import type { Log } from '../log.ts';
import type { MetricsWatch } from './metrics-watch.ts';

const EVERY_MS = 1_000;
/** A page that has been silent for so long is gone or hangs: its figures say nothing any more. */
const COMPOSITOR_VALID_US = 3 * US_PER_S;

export interface MonitorOptions {
  clock: Clock;
  emit: Emit;
  log: Pick<Log, 'error'>;
  /** the disk whose free space is shown */
  folder: () => Promise<string>;
  session: () => SessionState;
  recorder: () => RecorderState;
  publishers: () => PublisherStatus[];
  link: () => LinkState | null;
  encoder: () => EncoderStats;
  latency: () => PipelineLatency;
  /** what the live server told last */
  server: () => ServerFigures | null;
  metrics: Pick<MetricsWatch, 'tick' | 'values'>;
}

export class Monitor {
  readonly #options: MonitorOptions;
  readonly #timer: NodeJS.Timeout;
  #cpu = process.cpuUsage();
  #cpuAtUs: number;
  #cpuPct = 0;
  #freeDiskBytes = 0;
  /** told once, until a measurement succeeds again */
  #hasFailed = false;
  #compositor: { stats: CompositorStats; atUs: number } | null = null;

  constructor(options: MonitorOptions) {
    this.#options = options;
    this.#cpuAtUs = options.clock.nowUs();
    this.#timer = setInterval(() => void this.#tick(), EVERY_MS);
    void this.#tick();
  }

  stats(): StudioStats {
    const { clock, session, recorder, publishers, link, encoder, latency, metrics } = this.#options;
    const nowUs = clock.nowUs();
    return {
      timeUs: nowUs,
      session: session(),
      recorder: recorder(),
      publishers: publishers(),
      link: link(),
      encoder: encoder(),
      compositor: this.#compositorAt(nowUs),
      latency: latency(),
      engineCpuPct: this.#cpuPct,
      metrics: metrics.values,
      freeDiskBytes: this.#freeDiskBytes,
    };
  }

  noteCompositor(stats: CompositorStats): void {
    this.#compositor = { stats, atUs: this.#options.clock.nowUs() };
  }

  #compositorAt(nowUs: number): CompositorStats | null {
    return this.#compositor && nowUs - this.#compositor.atUs < COMPOSITOR_VALID_US ? this.#compositor.stats : null;
  }

  #watch(nowUs: number): void {
    const { publishers, encoder, server, session, recorder, metrics } = this.#options;
    const figures = server();
    const isServing = figures !== null && figures.publishers + figures.viewers.flv + figures.viewers.hls + figures.viewers.rtmp > 0;
    const input = {
      publishers: publishers(),
      encoder: encoder(),
      engineCpuPct: this.#cpuPct,
      engineRssBytes: process.memoryUsage.rss(),
      pageHeapBytes: this.#compositorAt(nowUs)?.heapBytes ?? null,
      server: figures,
    };
    metrics.tick(input, nowUs / US_PER_MS, session().phase !== 'idle' || recorder().phase !== 'idle' || isServing);
  }

  dispose(): void {
    clearInterval(this.#timer);
  }

  /** Never rejects: a part that fails to tell its figures must not end the show. */
  async #tick(): Promise<void> {
    try {
      await this.#measure();
      this.#hasFailed = false;
    } catch (error) {
      if (!this.#hasFailed) this.#options.log.error(`monitor: no figures: ${error instanceof Error ? error.stack : String(error)}`);
      this.#hasFailed = true;
    }
  }

  async #measure(): Promise<void> {
    const nowUs = this.#options.clock.nowUs();
    const { user, system } = process.cpuUsage(this.#cpu);
    this.#cpuPct = nowUs > this.#cpuAtUs ? (100 * (user + system)) / (nowUs - this.#cpuAtUs) : 0;
    this.#cpu = process.cpuUsage();
    this.#cpuAtUs = nowUs;
    this.#freeDiskBytes = await freeBytes(await this.#options.folder());
    this.#watch(nowUs);
    this.#options.emit('stats', this.stats());
  }
}

/** 0 where the system does not tell. */
async function freeBytes(folder: string): Promise<number> {
  const disk = await statfs(folder).catch(() => null);
  return disk ? disk.bavail * disk.bsize : 0;
}
