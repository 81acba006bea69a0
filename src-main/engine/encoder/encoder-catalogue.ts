/** Which encoders this machine has: found once by a probe, kept for as long as drivers and Tidecast stay what they are. */
import { z } from 'zod';
import { Emitter } from '../../../src-shared/disposable.ts';
import { EncoderCapabilities, type EncoderReport } from '../../../src-shared/domain/encoder-capabilities.ts';
import { describeEncoder, familiesOf, VideoEncoderName } from '../../../src-shared/domain/video-encoder.ts';
import { type ProbeRunOptions, runProbe } from '../../process/probe-run.ts';
import type { ServiceHost } from '../../process/service.ts';
import type { Log } from '../log.ts';
import type { Store } from '../store/store.ts';
import { driverFingerprint } from './driver-fingerprint.ts';

const KEY = 'encoders';
/** The studio comes up first. */
const BEGIN_AFTER_MS = 1_500;
const Kept = z.strictObject({
  fingerprint: z.string(),
  probedAtMs: z.number(),
  tookMs: z.number(),
  encoders: z.array(EncoderCapabilities),
});
type Kept = z.infer<typeof Kept>;

export interface EncoderCatalogueOptions {
  services: ServiceHost;
  store: Pick<Store, 'settings'>;
  version: string;
  log: Log;
  platform?: NodeJS.Platform;
  fingerprint?: () => string;
  timeouts?: Pick<ProbeRunOptions, 'hardwareTimeoutMs' | 'softwareTimeoutMs'>;
}

export class EncoderCatalogue {
  /** what is kept was read, or a probe begins or has ended */
  readonly changed = new Emitter<EncoderReport>();
  readonly #options: EncoderCatalogueOptions;
  readonly #encoders: VideoEncoderName[];
  readonly #abort = new AbortController();
  #kept: Kept | null = null;
  #running: Promise<void> | null = null;
  #loaded: Promise<void> | null = null;
  #beginTimer: NodeJS.Timeout | null = null;

  constructor(options: EncoderCatalogueOptions) {
    this.#options = options;
    this.#encoders = encodersOf(options.platform ?? process.platform);
  }

  /** What is known now. Empty before the first probe has ended. */
  get report(): EncoderReport {
    return {
      probing: this.#running !== null,
      probedAtMs: this.#kept?.probedAtMs ?? null,
      tookMs: this.#kept?.tookMs ?? null,
      encoders: this.#kept?.encoders ?? [],
    };
  }

  /** Those that work, in the order in which they are worth trying; empty before the first probe has ended. */
  get available(): VideoEncoderName[] {
    return this.report.encoders.flatMap((one) => (one.available ? [one.encoder] : []));
  }

  /** In a moment, so that the answers are there when someone wants them. */
  begin(): void {
    this.#beginTimer = setTimeout(() => void this.list(), BEGIN_AFTER_MS);
  }

  /** Reads what is kept and, where that no longer holds, begins a probe; does not wait for it. */
  async list(): Promise<EncoderReport> {
    await (this.#loaded ??= this.#load());
    return this.report;
  }

  /** Tries all of them anew. Resolves with the answers; joins a probe that runs. */
  async probe(): Promise<EncoderReport> {
    await (this.#running ??= this.#run());
    return this.report;
  }

  async dispose(): Promise<void> {
    if (this.#beginTimer) clearTimeout(this.#beginTimer);
    this.#abort.abort();
    await this.#running?.catch(() => {});
  }

  async #load(): Promise<void> {
    const stored = Kept.safeParse(await this.#options.store.settings.get(KEY).catch(() => null));
    if (stored.success) this.#kept = stored.data;
    if (this.#abort.signal.aborted) return;
    if (this.#kept?.fingerprint === this.#fingerprint()) return this.changed.emit(this.report);
    void this.probe().catch((error: unknown) => this.#options.log.warn(`encoders: ${String(error)}`));
  }

  #fingerprint(): string {
    return this.#options.fingerprint?.() ?? driverFingerprint(this.#options.version);
  }

  async #run(): Promise<void> {
    const { services, store, log, timeouts } = this.#options;
    const startedMs = performance.now();
    queueMicrotask(() => this.changed.emit(this.report)); // once `#running` is set
    try {
      const fingerprint = this.#fingerprint();
      const encoders = await runProbe({ services, encoders: this.#encoders, signal: this.#abort.signal, ...timeouts });
      if (this.#abort.signal.aborted) return;
      const tookMs = Math.round(performance.now() - startedMs);
      this.#kept = { fingerprint, probedAtMs: Date.now(), tookMs, encoders };
      log.info(`encoders: ${this.available.join(', ')} (found in ${tookMs} ms)`);
      // a driver that crashed or hung may have had a bad day: it is tried again at the next start
      const lasting = encoders.every((one) => one.available || (one.reason.code !== 'crashed' && one.reason.code !== 'hung'));
      if (lasting) await store.settings.set(KEY, this.#kept).catch(() => log.warn('encoders: what was found could not be kept'));
    } finally {
      this.#running = null;
      if (!this.#abort.signal.aborted) this.changed.emit(this.report);
    }
  }
}

/** In the order in which they are worth trying: by family, and H.264 before what few servers take. */
function encodersOf(platform: NodeJS.Platform): VideoEncoderName[] {
  const families = familiesOf(platform);
  const rank = (encoder: VideoEncoderName) => families.indexOf(describeEncoder(encoder).family);
  return VideoEncoderName.options.filter((encoder) => rank(encoder) >= 0).sort((a, b) => rank(a) - rank(b));
}
