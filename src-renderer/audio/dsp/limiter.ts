import type { AudioFilterOf } from '../../../src-shared/domain/audio-filter.ts';
import { dbToGain } from '../../../src-shared/units.ts';
import { smoothing } from './dynamics.ts';
import type { Processor } from './processor.ts';
import { TRUE_PEAK_BOUND, TRUE_PEAK_DELAY_FRAMES, TruePeak } from './true-peak.ts';

type Settings = AudioFilterOf<'limiter'>;

/** 3 ms: the gain is down when the peak comes, in a straight line and not in a click. */
const LOOK_AHEAD = 144;
const DELAY = LOOK_AHEAD - 1 + TRUE_PEAK_DELAY_FRAMES;
const RING = 256;

/**
 * The gain that the loudest of the next 3 ms needs (a sliding minimum), released exponentially, averaged over those 3 ms.
 * The average of gains that are all low enough for a peak is low enough for it: the ceiling holds by construction. Peaks
 * between samples are those that four-fold oversampling shows (ITU-R BS.1770-4, annex 2).
 */
export class Limiter implements Processor<Settings> {
  readonly latencyFrames = DELAY;
  readonly #peaks = [new TruePeak(), new TruePeak()] as const;
  readonly #delayed = [new Float32Array(RING), new Float32Array(RING)] as const;
  readonly #minimum = new SlidingMinimum(LOOK_AHEAD);
  readonly #gains = new Float64Array(LOOK_AHEAD).fill(1);
  #sum = LOOK_AHEAD;
  #at = 0;
  #gainsAt = 0;
  #released = 1;
  #ceiling = 1;
  #release = 0;
  #largestBefore = 0;

  constructor(settings: Settings) {
    this.set(settings);
  }

  set({ ceilingDb, releaseMs }: Settings): void {
    this.#ceiling = dbToGain(ceilingDb);
    this.#release = smoothing(releaseMs);
  }

  process(left: Float32Array, right: Float32Array): void {
    const largest = Math.max(largestOf(left), largestOf(right));
    const isQuiet = Math.max(largest, this.#largestBefore) * TRUE_PEAK_BOUND < this.#ceiling;
    this.#largestBefore = largest;
    for (let n = 0; n < left.length; n++) {
      const size = isQuiet ? this.#skip(left[n]!, right[n]!) : Math.max(this.#peaks[0].next(left[n]!), this.#peaks[1].next(right[n]!));
      const gain = this.#nextGain(size > this.#ceiling ? this.#ceiling / size : 1);
      this.#delayed[0][this.#at] = left[n]!;
      this.#delayed[1][this.#at] = right[n]!;
      const then = (this.#at - DELAY) & (RING - 1);
      left[n] = this.#delayed[0][then]! * gain;
      right[n] = this.#delayed[1][then]! * gain;
      this.#at = (this.#at + 1) & (RING - 1);
    }
  }

  #skip(left: number, right: number): number {
    this.#peaks[0].skip(left);
    this.#peaks[1].skip(right);
    return 0;
  }

  #nextGain(needed: number): number {
    const least = this.#minimum.next(needed);
    this.#released = Math.min(least, 1 + (this.#released - 1) * this.#release);
    this.#sum += this.#released - this.#gains[this.#gainsAt]!;
    this.#gains[this.#gainsAt] = this.#released;
    this.#gainsAt = (this.#gainsAt + 1) % LOOK_AHEAD;
    if (this.#gainsAt === 0) this.#sumAnew();
    return this.#sum / LOOK_AHEAD;
  }

  /** What rounding has added would stay. */
  #sumAnew(): void {
    this.#sum = 0;
    for (let n = 0; n < LOOK_AHEAD; n++) this.#sum += this.#gains[n]!;
  }
}

function largestOf(samples: Float32Array): number {
  let largest = 0;
  for (let n = 0; n < samples.length; n++) {
    const size = Math.abs(samples[n]!);
    if (size > largest) largest = size;
  }
  return largest;
}

/** The least of the last values, each looked at once or twice. @see Lemire, "Streaming Maximum-Minimum Filter", 2006 */
class SlidingMinimum {
  readonly #length: number;
  readonly #values: Float64Array;
  readonly #ages: Float64Array;
  #first = 0;
  #count = 0;
  #now = 0;

  constructor(length: number) {
    this.#length = length;
    this.#values = new Float64Array(length + 1);
    this.#ages = new Float64Array(length + 1);
  }

  next(value: number): number {
    const size = this.#length + 1;
    while (this.#count > 0 && this.#values[(this.#first + this.#count - 1) % size]! >= value) this.#count--;
    const last = (this.#first + this.#count) % size;
    this.#values[last] = value;
    this.#ages[last] = this.#now++;
    this.#count++;
    if (this.#ages[this.#first]! <= this.#now - 1 - this.#length) {
      this.#first = (this.#first + 1) % size;
      this.#count--;
    }
    return this.#values[this.#first]!;
  }
}
