/**
 * The meters' readings in shared memory: the audio thread writes a place for each strip and the program, the page reads
 * them when it draws. A number may be of this reading and its neighbour of the next, which no eye sees.
 */
import { SILENCE_LUFS } from './dsp/loudness.ts';

/** 50 strips, the program, and the beep of an A/V test */
export const METER_PLACES = 64;
export const PROGRAM_PLACE = 0;
const FIELDS = 10;

export interface MeterValues {
  /** the largest sample of late, falling by 24 dB a second */
  peakDb: [left: number, right: number];
  /** the largest of the last 1.2 s */
  holdDb: [left: number, right: number];
  /** over about 300 ms */
  rmsDb: [left: number, right: number];
  momentaryLufs: number;
  shortTermLufs: number;
  /** of the program; of a strip as well, since it was added */
  integratedLufs: number;
  /** how often a sample has reached full scale; the lamp is on while it grows, and for a while */
  clips: number;
}

export class MeterBoard {
  readonly memory: SharedArrayBuffer;
  readonly #values: Float32Array;

  constructor(memory?: SharedArrayBuffer) {
    this.memory = memory ?? new SharedArrayBuffer(METER_PLACES * FIELDS * 4);
    this.#values = new Float32Array(this.memory);
    if (memory) return;
    this.#values.fill(SILENCE_LUFS);
    for (let place = 0; place < METER_PLACES; place++) this.#values[place * FIELDS + FIELDS - 1] = 0;
  }

  /** The place's ten numbers, in the order of MeterValues. */
  place(place: number): Float32Array {
    return this.#values.subarray(place * FIELDS, (place + 1) * FIELDS);
  }

  read(place: number): MeterValues {
    const [peakLeft, peakRight, holdLeft, holdRight, rmsLeft, rmsRight, momentaryLufs, shortTermLufs, integratedLufs, clips] = this.place(
      place,
    ) as unknown as [number, number, number, number, number, number, number, number, number, number];
    return {
      peakDb: [peakLeft, peakRight],
      holdDb: [holdLeft, holdRight],
      rmsDb: [rmsLeft, rmsRight],
      momentaryLufs,
      shortTermLufs,
      integratedLufs,
      clips,
    };
  }
}
