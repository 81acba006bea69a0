/**
 * Compressor and expander: level in dB → static curve → smoothing of the gain → multiplication. Feed-forward, with the
 * smooth branching peak detector behind the curve, both channels by one gain.
 * @see Giannoulis, Massberg, Reiss, "Digital Dynamic Range Compressor Design", JAES 60(6), 2012: (4) the curve with its
 *   knee, (7) the time constant, (17) the detector, fig. 7(c)
 */
import type { AudioFilterOf } from '../../../src-shared/domain/audio-filter.ts';
import { AUDIO_SAMPLE_RATE_HZ, dbToGain } from '../../../src-shared/units.ts';
import { LevelDetector } from './level-detector.ts';
import type { Processor, StereoBlock } from './processor.ts';

type CompressorSettings = AudioFilterOf<'compressor'>;
type ExpanderSettings = AudioFilterOf<'expander'>;

const DB_PER_NEPER = 20 / Math.LN10;
const SILENCE_DB = -144;

/** What the settled compressor does to a level, in dB, 0 or less; make-up is not in it. */
export function compressorGainDb({ thresholdDb, ratio, kneeDb }: CompressorSettings, levelDb: number): number {
  const overDb = levelDb - thresholdDb;
  const slope = 1 / ratio - 1;
  if (2 * overDb <= -kneeDb) return 0;
  if (2 * overDb >= kneeDb) return slope * overDb;
  return (slope * (overDb + kneeDb / 2) ** 2) / (2 * kneeDb);
}

/** What the settled expander does to a level, in dB, 0 or less: the compressor's curve, mirrored. */
export function expanderGainDb({ thresholdDb, ratio, kneeDb, rangeDb }: ExpanderSettings, levelDb: number): number {
  const underDb = thresholdDb - levelDb;
  const slope = 1 - ratio;
  if (2 * underDb <= -kneeDb) return 0;
  if (2 * underDb >= kneeDb) return Math.max(-rangeDb, slope * underDb);
  return Math.max(-rangeDb, (slope * (underDb + kneeDb / 2) ** 2) / (2 * kneeDb));
}

/** The share of the way that is left after one sample. */
export function smoothing(timeMs: number): number {
  return Math.exp(-1_000 / (timeMs * AUDIO_SAMPLE_RATE_HZ));
}

function levelDb(level: number): number {
  return level > 1e-7 ? DB_PER_NEPER * Math.log(level) : SILENCE_DB;
}

export class Compressor implements Processor<CompressorSettings> {
  readonly latencyFrames = 0;
  readonly #detector = new LevelDetector();
  #settings: CompressorSettings;
  #attack = 0;
  #release = 0;
  #makeup = 1;
  /** 0 or more */
  #reductionDb = 0;

  constructor(settings: CompressorSettings) {
    this.#settings = settings;
    this.set(settings);
  }

  set(settings: CompressorSettings): void {
    this.#settings = settings;
    this.#attack = smoothing(settings.attackMs);
    this.#release = smoothing(settings.releaseMs);
    this.#makeup = dbToGain(settings.makeupDb);
  }

  process(left: Float32Array, right: Float32Array, key: StereoBlock): void {
    const isKeyed = this.#settings.sideChainId !== null;
    const heardLeft = isKeyed ? key.left : left;
    const heardRight = isKeyed ? key.right : right;
    for (let n = 0; n < left.length; n++) {
      const wantedDb = -compressorGainDb(this.#settings, levelDb(this.#detector.next(heardLeft[n]!, heardRight[n]!)));
      const share = wantedDb > this.#reductionDb ? this.#attack : this.#release;
      this.#reductionDb = wantedDb + (this.#reductionDb - wantedDb) * share;
      const gain = this.#makeup * Math.exp(-this.#reductionDb / DB_PER_NEPER);
      left[n] = left[n]! * gain;
      right[n] = right[n]! * gain;
    }
  }
}

export class Expander implements Processor<ExpanderSettings> {
  readonly latencyFrames = 0;
  readonly #detector = new LevelDetector();
  #settings: ExpanderSettings;
  #attack = 0;
  #release = 0;
  /** 0 or more */
  #reductionDb = 0;

  constructor(settings: ExpanderSettings) {
    this.#settings = settings;
    this.set(settings);
  }

  set(settings: ExpanderSettings): void {
    this.#settings = settings;
    this.#attack = smoothing(settings.attackMs);
    this.#release = smoothing(settings.releaseMs);
  }

  process(left: Float32Array, right: Float32Array): void {
    for (let n = 0; n < left.length; n++) {
      const wantedDb = -expanderGainDb(this.#settings, levelDb(this.#detector.next(left[n]!, right[n]!)));
      // an expander's attack is its opening
      const share = wantedDb < this.#reductionDb ? this.#attack : this.#release;
      this.#reductionDb = wantedDb + (this.#reductionDb - wantedDb) * share;
      const gain = Math.exp(-this.#reductionDb / DB_PER_NEPER);
      left[n] = left[n]! * gain;
      right[n] = right[n]! * gain;
    }
  }
}
