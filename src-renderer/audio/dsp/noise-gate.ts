import type { AudioFilterOf } from '../../../src-shared/domain/audio-filter.ts';
import { AUDIO_SAMPLE_RATE_HZ, dbToGain } from '../../../src-shared/units.ts';
import { LevelDetector } from './level-detector.ts';
import type { Processor } from './processor.ts';

type Settings = AudioFilterOf<'noiseGate'>;

/** Open above one level; closed when the sound has stayed below the other for the hold. The gain moves in a straight line. */
export class NoiseGate implements Processor<Settings> {
  readonly latencyFrames = 0;
  readonly #detector = new LevelDetector();
  #open = 0;
  #close = 0;
  #rise = 0;
  #fall = 0;
  #holdFrames = 0;
  #isOpen = false;
  #quietFrames = 0;
  #gain = 0;

  constructor(settings: Settings) {
    this.set(settings);
  }

  set({ openDb, closeDb, attackMs, holdMs, releaseMs }: Settings): void {
    this.#open = dbToGain(openDb);
    this.#close = dbToGain(Math.min(openDb, closeDb));
    this.#rise = 1_000 / (attackMs * AUDIO_SAMPLE_RATE_HZ);
    this.#fall = 1_000 / (releaseMs * AUDIO_SAMPLE_RATE_HZ);
    this.#holdFrames = (holdMs * AUDIO_SAMPLE_RATE_HZ) / 1_000;
  }

  process(left: Float32Array, right: Float32Array): void {
    for (let n = 0; n < left.length; n++) {
      const level = this.#detector.next(left[n]!, right[n]!);
      if (level >= this.#open) this.#isOpen = true;
      this.#quietFrames = level < this.#close ? this.#quietFrames + 1 : 0;
      if (this.#quietFrames > this.#holdFrames) this.#isOpen = false;
      this.#gain = this.#isOpen ? Math.min(1, this.#gain + this.#rise) : Math.max(0, this.#gain - this.#fall);
      left[n] = left[n]! * this.#gain;
      right[n] = right[n]! * this.#gain;
    }
  }
}
