/** Keeps the shared clock on engine time: by the encoder's welcome at once, then by bursts of pings. */
import { approachOffsetUs, type PingSample, targetOffsetUs } from './clock-offset.ts';
import { localUs, type MediaClock } from './media-clock.ts';

const BURST = 8;
const PING_EVERY_MS = 40;
const BURST_EVERY_MS = 10_000;
const SLEW_EVERY_MS = 100;
/** beyond this, the clock known so far belongs to another engine */
const OTHER_EPOCH_US = 50_000;

/** A welcome tells engine time to within its own journey: enough to begin with. */
export function adoptWelcome(clock: MediaClock, timeUs: number): void {
  const offsetUs = timeUs - localUs();
  if (Math.abs(offsetUs - clock.offsetUs) > OTHER_EPOCH_US) clock.offsetUs = offsetUs;
}

export class ClockSync {
  readonly #clock: MediaClock;
  readonly #ping: (sentAtMs: number) => void;
  readonly #timers: ReturnType<typeof setInterval>[];
  #samples: PingSample[] = [];
  #targetUs: number | null = null;
  #pingsLeft = 0;

  /** @param ping sends a MediaPing where there is a connection */
  constructor(clock: MediaClock, ping: (sentAtMs: number) => void) {
    this.#clock = clock;
    this.#ping = ping;
    this.#timers = [
      setInterval(() => this.#continueBurst(), PING_EVERY_MS),
      setInterval(() => this.burst(), BURST_EVERY_MS),
      setInterval(() => this.#slew(), SLEW_EVERY_MS),
    ];
  }

  /** Measures anew; for a fresh connection too. */
  burst(): void {
    this.#samples = [];
    this.#pingsLeft = BURST;
  }

  onPong(sentAtMs: number, engineUs: number): void {
    this.#samples.push({ sentUs: sentAtMs * 1_000, receivedUs: localUs(), engineUs });
    this.#targetUs = targetOffsetUs(this.#clock.offsetUs, this.#samples);
  }

  dispose(): void {
    for (const timer of this.#timers) clearInterval(timer);
  }

  #continueBurst(): void {
    if (this.#pingsLeft === 0) return;
    this.#pingsLeft--;
    this.#ping(localUs() / 1_000);
  }

  #slew(): void {
    if (this.#targetUs === null) return;
    const nextUs = approachOffsetUs(this.#clock.offsetUs, this.#targetUs, SLEW_EVERY_MS * 1_000);
    if (Math.abs(nextUs - this.#clock.offsetUs) >= 1) this.#clock.offsetUs = nextUs;
  }
}
