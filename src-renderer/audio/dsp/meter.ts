/** Peak, held peak, RMS, clips and loudness of a stereo signal, told 30 times a second into shared memory. */
import { AUDIO_SAMPLE_RATE_HZ, gainToDb } from '../../../src-shared/units.ts';
import { LoudnessMeter } from './loudness.ts';
import type { StereoBlock } from './processor.ts';

/** 31 a second */
const TELL_FRAMES = 1_536;
const FALL_DB_PER_S = 24;
const FALL_DB = (FALL_DB_PER_S * TELL_FRAMES) / AUDIO_SAMPLE_RATE_HZ;
const HOLD_S = 1.2;
/** the time constant of the mean square */
const RMS_S = 0.15;
const RMS_SHARE = Math.exp(-TELL_FRAMES / (RMS_S * AUDIO_SAMPLE_RATE_HZ));
const FULL_SCALE = 0.999;

class Side {
  peakDb = -120;
  holdDb = -120;
  meanSquare = 0;
  #heldS = 0;
  #largest = 0;
  #squares = 0;

  /** @returns whether it has reached full scale */
  add(samples: Float32Array): boolean {
    let largest = this.#largest;
    let squares = 0;
    for (let n = 0; n < samples.length; n++) {
      const sample = samples[n]!;
      squares += sample * sample;
      if (sample > largest) largest = sample;
      else if (-sample > largest) largest = -sample;
    }
    this.#squares += squares;
    this.#largest = largest;
    return largest >= FULL_SCALE;
  }

  end(frames: number): void {
    const largestDb = gainToDb(this.#largest);
    this.peakDb = Math.max(largestDb, this.peakDb - FALL_DB, -120);
    this.#heldS += frames / AUDIO_SAMPLE_RATE_HZ;
    if (largestDb >= this.holdDb || this.#heldS > HOLD_S) {
      if (largestDb >= this.holdDb) this.#heldS = 0;
      this.holdDb = this.peakDb;
    }
    this.meanSquare = this.#squares / frames + (this.meanSquare - this.#squares / frames) * RMS_SHARE;
    this.#largest = 0;
    this.#squares = 0;
  }
}

export class Meter {
  readonly #left = new Side();
  readonly #right = new Side();
  readonly #loudness = new LoudnessMeter();
  readonly #both: Float32Array[] = [];
  readonly #place: Float32Array;
  #frames = 0;
  #clips = 0;
  #clipped = false;

  /** @param place ten numbers, see MeterBoard */
  constructor(place: Float32Array) {
    this.#place = place;
  }

  add({ left, right }: StereoBlock): void {
    this.#both[0] = left;
    this.#both[1] = right;
    this.#loudness.add(this.#both);
    const clipsLeft = this.#left.add(left);
    const clipsRight = this.#right.add(right);
    this.#clipped ||= clipsLeft || clipsRight;
    this.#frames += left.length;
    if (this.#frames >= TELL_FRAMES) this.#tell();
  }

  /** The integrated loudness begins anew. */
  restart(): void {
    this.#loudness.restart();
  }

  #tell(): void {
    this.#left.end(this.#frames);
    this.#right.end(this.#frames);
    if (this.#clipped) this.#clips++;
    const place = this.#place;
    place[0] = this.#left.peakDb;
    place[1] = this.#right.peakDb;
    place[2] = this.#left.holdDb;
    place[3] = this.#right.holdDb;
    place[4] = gainToDb(Math.sqrt(this.#left.meanSquare));
    place[5] = gainToDb(Math.sqrt(this.#right.meanSquare));
    place[6] = this.#loudness.momentaryLufs;
    place[7] = this.#loudness.shortTermLufs;
    place[8] = this.#loudness.integratedLufs;
    place[9] = this.#clips;
    this.#frames = 0;
    this.#clipped = false;
  }
}
