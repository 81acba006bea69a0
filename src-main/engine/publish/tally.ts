/** What a publisher counts over its whole life, whatever connection carried it. */
import { RateMeter } from './rate-meter.ts';

export class Tally {
  readonly #rate = new RateMeter();
  framesSent = 0;
  framesDropped = 0;
  bytesSent = 0;
  clockJumps = 0;

  sent(bytes: number, nowUs: number): void {
    this.bytesSent += bytes;
    this.#rate.add(nowUs, bytes);
  }

  /** Before its first picture a publisher misses nothing. */
  dropped(frames: number): void {
    if (this.framesSent > 0) this.framesDropped += frames;
  }

  kbps(nowUs: number): number {
    return this.#rate.kbps(nowUs);
  }
}
