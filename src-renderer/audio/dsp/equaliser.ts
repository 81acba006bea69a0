import type { AudioFilterOf } from '../../../src-shared/domain/audio-filter.ts';
import { Biquad, type BiquadCoefficients, peak, responseDb, shelf } from './biquad.ts';
import type { Processor } from './processor.ts';

type Settings = AudioFilterOf<'equaliser'>;

function bandsOf({ low, lowMid, highMid, high }: Settings): BiquadCoefficients[] {
  return [
    shelf('low', low.frequencyHz, low.gainDb),
    peak(lowMid.frequencyHz, lowMid.gainDb, lowMid.q),
    peak(highMid.frequencyHz, highMid.gainDb, highMid.q),
    shelf('high', high.frequencyHz, high.gainDb),
  ];
}

/** What the four bands together do at a frequency. */
export function equaliserDb(settings: Settings, frequencyHz: number): number {
  return bandsOf(settings).reduce((sum, band) => sum + responseDb(band, frequencyHz), 0);
}

export class Equaliser implements Processor<Settings> {
  readonly latencyFrames = 0;
  readonly #left: Biquad[];
  readonly #right: Biquad[];

  constructor(settings: Settings) {
    this.#left = bandsOf(settings).map((band) => new Biquad(band));
    this.#right = bandsOf(settings).map((band) => new Biquad(band));
  }

  set(settings: Settings): void {
    bandsOf(settings).forEach((band, index) => {
      this.#left[index]!.coefficients = band;
      this.#right[index]!.coefficients = band;
    });
  }

  process(left: Float32Array, right: Float32Array): void {
    for (let band = 0; band < this.#left.length; band++) {
      this.#left[band]!.process(left);
      this.#right[band]!.process(right);
    }
  }
}
