/** What rungs are made with: this machine's H.264 encoders, the best first, and libx264 behind them. */
import { describeEncoder, familiesOf, VideoEncoderName } from '../../../src-shared/domain/video-encoder.ts';
import { runProbe } from '../../process/probe-run.ts';
import type { LadderSettings } from '../../process/server-contract.ts';
import type { ServiceHost } from '../../process/service.ts';

/** works everywhere */
const LAST: VideoEncoderName = 'libx264';
/** one that failed is left alone for so long, and twice as long after each further failure */
const REST_MS = 600_000;
const REST_MOST_MS = 4 * 3_600_000;

export class EncoderList {
  readonly #services: ServiceHost;
  readonly #log: (line: string) => void;
  readonly #abort = new AbortController();
  #setting: LadderSettings['encoders'];
  /** found by a probe; null: none has ended yet */
  #found: VideoEncoderName[] | null = null;
  #probe: Promise<void> | null = null;
  readonly #resting = new Map<VideoEncoderName, { untilMs: number; restMs: number }>();

  constructor(services: ServiceHost, setting: LadderSettings['encoders'], log: (line: string) => void) {
    this.#services = services;
    this.#setting = setting;
    this.#log = log;
  }

  /** For what is opened from now on. */
  set(setting: LadderSettings['encoders']): void {
    this.#setting = setting;
  }

  /** in the order in which they are to be tried; never empty */
  get names(): [VideoEncoderName, ...VideoEncoderName[]] {
    const nowMs = performance.now();
    const named = this.#setting === 'auto' ? (this.#found ?? []) : this.#setting;
    const usable = named.filter((name) => name !== LAST && nowMs >= (this.#resting.get(name)?.untilMs ?? 0));
    const [first = LAST, ...others] = [...usable, LAST];
    return [first, ...others];
  }

  /** A rung may be asked for soon: now is the time to find out. Nobody waits for it, until then it is libx264. */
  prepare(): void {
    if (this.#setting === 'auto') this.#probe ??= this.#find();
  }

  /** It did not open, failed in mid-stream, or was at work when its process ended. */
  failed(name: VideoEncoderName, why: string): void {
    if (!describeEncoder(name).hardware) return;
    const restMs = Math.min(REST_MOST_MS, 2 * (this.#resting.get(name)?.restMs ?? REST_MS / 2));
    this.#resting.set(name, { untilMs: performance.now() + restMs, restMs });
    this.#log(`ladder: ${name} failed and is left alone for ${Math.round(restMs / 60_000)} minutes. ${why}`);
  }

  dispose(): void {
    this.#abort.abort();
  }

  async #find(): Promise<void> {
    const families = familiesOf(process.platform);
    const rank = (name: VideoEncoderName) => families.indexOf(describeEncoder(name).family);
    const encoders = VideoEncoderName.options
      .filter((name) => rank(name) >= 0 && describeEncoder(name).hardware && describeEncoder(name).codec === 'h264')
      .sort((a, b) => rank(a) - rank(b));
    const answers = await runProbe({ services: this.#services, encoders, signal: this.#abort.signal });
    if (this.#abort.signal.aborted) return;
    this.#found = answers.flatMap(({ encoder, available }) => (available ? [encoder] : []));
    this.#log(`ladder: qualities are made with ${this.names.join(', ')}`);
  }
}
