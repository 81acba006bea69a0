/** When an encode of a destination's own is given back though its way does not ask for that, and when none is given. No clock of its own. */
import { US_PER_S } from '../../../src-shared/units.ts';

const ASK_AGAIN_US = 10 * US_PER_S;
const ASK_AGAIN_MAX_US = 320 * US_PER_S;
/** So long a machine that was too busy for an encode is not given another. */
const REST_US = 60 * US_PER_S;
const REST_MAX_US = 960 * US_PER_S;
/** Too busy again so soon after such a rest, it gets one twice as long. */
const SOON_US = 300 * US_PER_S;

/** What may come to nothing is asked for again after 10 s, then after twice as long each time. */
export class AskAgain {
  #dueUs = Number.NEGATIVE_INFINITY;
  #everyUs = ASK_AGAIN_US;

  /** True when it is to be asked for now. */
  ask(atUs: number): boolean {
    if (atUs < this.#dueUs) return false;
    this.#dueUs = atUs + this.#everyUs;
    this.#everyUs = Math.min(this.#everyUs * 2, ASK_AGAIN_MAX_US);
    return true;
  }

  /** It has come about, or is wanted no more. */
  reset(): void {
    this.#dueUs = Number.NEGATIVE_INFINITY;
    this.#everyUs = ASK_AGAIN_US;
  }
}

/** The rest that a machine gets which was too busy for the encodes it had. */
export class Rest {
  #untilUs = Number.NEGATIVE_INFINITY;
  #lastsUs = REST_US;

  isOver(atUs: number): boolean {
    return atUs >= this.#untilUs;
  }

  /** An encode has been taken back; a second one in the same rest makes that no longer than it is. */
  begin(atUs: number): void {
    if (this.isOver(atUs)) this.#lastsUs = atUs - this.#untilUs < SOON_US ? Math.min(this.#lastsUs * 2, REST_MAX_US) : REST_US;
    this.#untilUs = atUs + this.#lastsUs;
  }
}
