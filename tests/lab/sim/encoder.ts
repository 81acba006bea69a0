/**
 * What x264 at 30 fps and AAC give: an IDR every 2 s and on demand, sizes that vary with the pictures, and a rate that takes
 * its time to follow a new target: the longer, the larger its buffer (VBV). docs/network-lab.md has the figures.
 */
import type { Random } from './random.ts';
import type { Unit } from './unit.ts';

export const FRAME_RATE = 30;
export const AUDIO_KBPS = 160;
const FRAME_MS = 1_000 / FRAME_RATE;
const GOP_FRAMES = 2 * FRAME_RATE;
/** after three of these 95 % of a change are reached; both in parts of the buffer */
const FALL_SHARE = 0.3;
const RISE_SHARE = 0.75;
/** an IDR is so many times as large as the other pictures, as far as the buffer lets it */
const keyWeight = (vbvS: number) => 2 + 3.7 * vbvS;
/** deviation of the sizes, of one picture to the next and of the scene */
const PICTURE_NOISE = 0.14;
const SCENE_NOISE = 0.03;
const AUDIO_MS = (1_024 * 1_000) / 48_000;
const AUDIO_BYTES = (AUDIO_KBPS * AUDIO_MS) / 8;
/** chunk headers of one message: 12 bytes, and one for every further 4,096 of a chunk; FLV's tag of the body */
const onWire = (bytes: number, tagBytes: number) => Math.round(bytes) + tagBytes + 12 + Math.floor(bytes / 4_096);

/** What sound and packaging take beside the video, as the product reckons it. */
export const OTHER_KBPS = Math.ceil((AUDIO_KBPS * onWire(AUDIO_BYTES, 2)) / AUDIO_BYTES + (FRAME_RATE * 20 * 8) / 1_000);

export class SimEncoder {
  readonly #random: Random;
  readonly #vbvMs: number;
  readonly #keyWeight: number;
  #targetKbps: number;
  #rateKbps: number;
  #frames = 0;
  #samplesMs = 0;
  #sinceKey = GOP_FRAMES;
  /** how much more than the rate allows has been spent */
  #debtBytes = 0;
  /** how hard the pictures are, around 1 */
  #difficulty = 1;

  constructor(kbps: number, vbvS: number, random: Random) {
    this.#vbvMs = vbvS * 1_000;
    this.#keyWeight = keyWeight(vbvS);
    this.#targetKbps = kbps;
    this.#rateKbps = kbps;
    this.#random = random;
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

  setRate(kbps: number): void {
    this.#targetKbps = kbps;
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
    const lagMs = this.#vbvMs * (this.#targetKbps < this.#rateKbps ? FALL_SHARE : RISE_SHARE);
    this.#rateKbps += (this.#targetKbps - this.#rateKbps) * Math.min(1, FRAME_MS / lagMs);
    this.#difficulty += 0.05 * (1 - this.#difficulty) + SCENE_NOISE * this.#random.normal();

    const key = this.#sinceKey >= GOP_FRAMES;
    this.#sinceKey = key ? 1 : this.#sinceKey + 1;
    const meanBytes = (this.#rateKbps * FRAME_MS) / 8;
    const plainBytes = (meanBytes * GOP_FRAMES) / (GOP_FRAMES - 1 + this.#keyWeight);
    const varied = plainBytes * (key ? this.#keyWeight : 1) * clamp(this.#difficulty * (1 + PICTURE_NOISE * this.#random.normal()), 0.4, 2);
    const bytes = Math.max(100, varied * clamp(1 - this.#debtBytes / (this.#rateKbps * 125), 0.5, 1.3));
    this.#debtBytes += bytes - meanBytes;
    this.#frames += 1;
    return { kind: 'video', key, bytes: onWire(bytes, 5), encodedMs: nowMs, endByte: null, arrivedMs: null };
  }
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
