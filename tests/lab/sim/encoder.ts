/**
 * What x264 at 30 fps and AAC give: an IDR every 2 s and on demand, and sizes by x264's own rule (x264.ts).
 * docs/network-lab.md has the figures.
 */
import type { Random } from './random.ts';
import type { Unit } from './unit.ts';
import { X264 } from './x264.ts';

export const FRAME_RATE = 30;
export const AUDIO_KBPS = 160;
const FRAME_MS = 1_000 / FRAME_RATE;
const GOP_FRAMES = 2 * FRAME_RATE;
const AUDIO_MS = (1_024 * 1_000) / 48_000;
const AUDIO_BYTES = (AUDIO_KBPS * AUDIO_MS) / 8;
/** a still picture's headers */
const LEAST_BYTES = 100;
/** chunk headers of one message: 12 bytes, and one for every further 4,096 of a chunk; FLV's tag of the body */
const onWire = (bytes: number, tagBytes: number) => Math.round(bytes) + tagBytes + 12 + Math.floor(bytes / 4_096);

/** What sound and packaging take beside the video, as the product reckons it. */
export const OTHER_KBPS = Math.ceil((AUDIO_KBPS * onWire(AUDIO_BYTES, 2)) / AUDIO_BYTES + (FRAME_RATE * 20 * 8) / 1_000);

/** Its rate buffer (VBV), in seconds of the rate. */
export interface RateBuffer {
  /** at the rate it was opened with */
  fullS: number;
  /** below that */
  limitedS: number;
}

export class SimEncoder {
  readonly #random: Random;
  readonly #x264: X264;
  readonly #openedKbps: number;
  readonly #buffer: RateBuffer;
  #kbps: number;
  #frames = 0;
  #samplesMs = 0;
  #sinceKey = GOP_FRAMES;
  /** the first group is shorter: a link changes without regard to where groups begin */
  readonly #shorter: number;

  /** @param openedKbps the highest that it will be asked for */
  constructor(openedKbps: number, kbps: number, buffer: RateBuffer, random: Random) {
    this.#openedKbps = openedKbps;
    this.#buffer = buffer;
    this.#kbps = kbps;
    this.#random = random;
    this.#shorter = Math.floor(random.next() * GOP_FRAMES);
    this.#x264 = new X264(kbps, this.#bufferS, FRAME_RATE, random);
  }

  get nextMs(): number {
    return Math.min(this.#nextVideoMs, this.#nextAudioMs);
  }

  get #nextVideoMs(): number {
    return Math.ceil(this.#frames * FRAME_MS);
  }

  get #nextAudioMs(): number {
    return Math.ceil(this.#samplesMs);
  }

  get #bufferS(): number {
    return this.#kbps < this.#openedKbps ? this.#buffer.limitedS : this.#buffer.fullS;
  }

  setRate(kbps: number): void {
    if (kbps === this.#kbps) return;
    this.#kbps = kbps;
    this.#x264.setRate(kbps, this.#bufferS);
  }

  /** The next picture becomes an IDR. */
  requestIdr(): void {
    this.#sinceKey = GOP_FRAMES;
  }

  /** What comes out at that time, which is `nextMs`. */
  take(nowMs: number): Unit {
    if (this.#nextVideoMs <= this.#nextAudioMs) return this.#video(nowMs);
    this.#samplesMs += AUDIO_MS;
    const bytes = AUDIO_BYTES * (1 + 0.1 * this.#random.normal());
    return { kind: 'audio', key: false, bytes: onWire(bytes, 2), encodedMs: nowMs, endByte: null, arrivedMs: null };
  }

  #video(nowMs: number): Unit {
    const key = this.#sinceKey >= GOP_FRAMES;
    const isFirst = this.#frames === 0;
    this.#sinceKey = key ? 1 + (isFirst ? this.#shorter : 0) : this.#sinceKey + 1;
    this.#frames += 1;
    const bytes = onWire(Math.max(LEAST_BYTES, this.#x264.picture(key)), 5);
    return { kind: 'video', key, bytes, encodedMs: nowMs, endByte: null, arrivedMs: null };
  }
}
