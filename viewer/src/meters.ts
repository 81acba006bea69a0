/** How late the pictures are, from the server and from the capture to the screen, and how late media comes: all by the server's clock. */
import { Glass, type GlassFigures } from './glass.ts';
import { LatencyMeter, type TimeReference, TransitMeter, transitMs } from './latency.ts';
import { measureClockOffset } from './server-api.ts';

const CLOCK_EVERY_MS = 60_000;

export class Meters {
  readonly #latency = new LatencyMeter();
  readonly #glass: Glass;
  readonly #transit = new TransitMeter();
  #clockOffsetMs: number | null = null;

  /** @param onLoss a picture that others refer to did not come */
  constructor(video: HTMLVideoElement, onLoss: () => void) {
    this.#glass = new Glass(video, onLoss);
    void this.#measureForever();
  }

  /** Another connection: its media begins anew. */
  reset(): void {
    this.#latency.reset();
    this.#glass.reset();
    this.#transit.reset();
  }

  /** server to screen; null until known */
  get latencyMs(): number | null {
    return this.#latency.latencyMs;
  }

  get glass(): GlassFigures | null {
    return this.#glass.figures;
  }

  /** how long media takes to come, beyond what is usual here; null: not known */
  lateMs(nowMs: number): number | null {
    return this.#transit.lateMs(nowMs);
  }

  addReference(reference: TimeReference): void {
    this.#latency.addReference(reference);
    this.#glass.addReference(reference);
    if (this.#clockOffsetMs === null) return;
    const nowMs = performance.now();
    this.#transit.add(nowMs, transitMs(reference, performance.timeOrigin + nowMs + this.#clockOffsetMs));
  }

  /** @param shownAtMs Unix time by this page's clock */
  pictureShown(mediaTimeMs: number, shownAtMs: number): void {
    if (this.#clockOffsetMs !== null) this.#latency.addFrame(mediaTimeMs, shownAtMs + this.#clockOffsetMs);
  }

  async measureClock(): Promise<void> {
    this.#clockOffsetMs = (await measureClockOffset()) ?? this.#clockOffsetMs;
    this.#glass.clockOffsetMs = this.#clockOffsetMs;
  }

  async #measureForever(): Promise<void> {
    for (;;) {
      await this.measureClock();
      await new Promise((resolve) => setTimeout(resolve, CLOCK_EVERY_MS));
    }
  }
}
