/**
 * How many bits x264 spends on each picture: its own rule for a constant rate without lookahead (ratecontrol.c:
 * rate_estimate_qscale, get_qscale, clip_qscale, x264_ratecontrol_end, x264_ratecontrol_init_reconfigurable), on pictures
 * whose cost is a curve. It takes bits for inversely proportional to the quantiser, learns the factor over a while, and
 * forgets what it was asked for before over the same while: that is why it needs seconds to follow a rise from far below,
 * while its buffer makes it follow a fall at once. Quantisers are relative to QP 20, bits in kilobits.
 */
import type { Random } from './random.ts';

/**
 * What the pictures of the real lab cost (tests/bench/camera-like.ts, 720p, veryfast), measured by the quantiser: 300 kbps
 * go for motion and the like, which no quantiser saves.
 */
const LEAST_KBPS = 300;
const DETAIL_KBPS = 4_000;
const DETAIL_POWER = 3.5;
/** an IDR, which falls with the quantiser itself */
const KEY_KBITS = 450;
/** deviation of the sizes, of one picture to the next and of the scene */
const PICTURE_NOISE = 0.14;
const SCENE_NOISE = 0.03;
const SCENE_KEPT = 0.95;
/** x264's ip_factor: an IDR is finer than the pictures before it */
const KEY_FINER = 1.4;
/** accum_p_qp: what of the quantiser of the pictures before counts for an IDR, picture by picture */
const MEMORY_KEPT = 0.95;
/** qp_step: how many QP the quantiser moves from one picture to the next */
const STEP_MOST = 2 ** (4 / 6);
/** an IDR's differences from nothing, against those of a picture from the one before (SATD); blurred over neighbours */
const KEY_COMPLEXITY = 8;
const COMPLEXITY_KEPT = 0.5;
/** 1 - qcomp: what is complex gets a coarser quantiser */
const COMPLEXITY_POWER = 0.4;
/** what a full buffer makes finer: 5, where QP 20 has a quantiser of 0.85 × 2^((20 - 12) / 6) */
const FINER_MOST = 5 / 2.14;
const COARSEST = 2 ** ((69 - 20) / 6);
const FINEST = 2 ** -3;

export class X264 {
  readonly #random: Random;
  readonly #frameRate: number;
  /** what a picture may cost at the rate */
  #shareKbits = 0;
  #bufferKbits = 0;
  #fillKbits = Number.POSITIVE_INFINITY;
  /** of the memory below, what is left of it a picture later (cbr_decay) */
  #kept = 0;
  /** wanted_bits_window and cplxr_sum */
  #wantedKbits = 0;
  #spentByQuantiser = 0;
  /** of the newest picture that is no IDR (last_qscale_for) */
  #lastQuantiser: number;
  /** accum_p_qp ÷ accum_p_norm */
  #logQuantiser: { sum: number; weight: number };
  #complexity = { sum: 2, weight: 2 };
  /** how hard the pictures are, around 1 */
  #difficulty = 1;

  /** As in the middle of a show at that rate. */
  constructor(kbps: number, vbvS: number, frameRate: number, random: Random) {
    this.#random = random;
    this.#frameRate = frameRate;
    this.setRate(kbps, vbvS);
    const quantiser = coarseness(kbps, 1);
    this.#wantedKbits = this.#shareKbits / (1 - this.#kept);
    this.#spentByQuantiser = this.#wantedKbits * quantiser;
    this.#lastQuantiser = quantiser;
    this.#logQuantiser = { sum: Math.log2(quantiser), weight: 1 };
  }

  /** What is in the buffer stays, as far as it fits. */
  setRate(kbps: number, vbvS: number): void {
    this.#shareKbits = kbps / this.#frameRate;
    this.#bufferKbits = kbps * vbvS;
    this.#fillKbits = Math.min(this.#fillKbits, this.#bufferKbits);
    this.#kept = 1 - 0.25 / (vbvS * this.#frameRate);
  }

  /** @returns bytes of the next picture */
  picture(key: boolean): number {
    this.#difficulty += (1 - SCENE_KEPT) * (1 - this.#difficulty) + SCENE_NOISE * this.#random.normal();
    const hard = Math.min(2, Math.max(0.4, this.#difficulty * (1 + PICTURE_NOISE * this.#random.normal())));
    const { sum, weight } = this.#complexity;
    this.#complexity = { sum: sum * COMPLEXITY_KEPT + (key ? KEY_COMPLEXITY : 1), weight: weight * COMPLEXITY_KEPT + 1 };
    const quantiser = this.#withinBuffer(key ? this.#forKey() : this.#forPicture(), key, hard);
    const kbits = Math.min(this.#fillKbits, this.#cost(quantiser, key, hard));
    this.#note(quantiser, key, kbits);
    return (kbits * 1_000) / 8;
  }

  #forKey(): number {
    return 2 ** (this.#logQuantiser.sum / this.#logQuantiser.weight) / KEY_FINER;
  }

  /** rceq */
  get #coarser(): number {
    return (this.#complexity.sum / this.#complexity.weight) ** COMPLEXITY_POWER;
  }

  #forPicture(): number {
    const wanted = (this.#coarser * this.#spentByQuantiser) / this.#wantedKbits;
    return Math.min(this.#lastQuantiser * STEP_MOST, Math.max(this.#lastQuantiser / STEP_MOST, wanted));
  }

  /** clip_qscale: as coarse as the buffer needs; as fine as it is full, where bits would be lost. */
  #withinBuffer(wanted: number, key: boolean, hard: number): number {
    const fill = this.#fillKbits / this.#bufferKbits;
    const most = this.#bufferKbits >= 5 * this.#shareKbits ? this.#fillKbits / 2 : this.#fillKbits;
    let quantiser = !key && fill < 0.5 ? wanted / Math.max(0.5, 2 * fill) : wanted;
    if (this.#cost(quantiser, key, hard) > most) quantiser = this.#quantiserFor(most, key, hard);
    quantiser = Math.max(wanted, this.#finer(quantiser, this.#shareKbits / 2, key, hard));
    const lost = this.#fillKbits + this.#shareKbits - this.#bufferKbits;
    if (!key && lost > 0)
      quantiser = Math.max(wanted - FINER_MOST, this.#finer(quantiser, Math.min(lost, this.#bufferKbits / 2), key, hard));
    return Math.min(COARSEST, Math.max(FINEST, quantiser));
  }

  /** To at least so much: by proportion, as x264 reckons, unless it sees rows before that they cost more. */
  #finer(quantiser: number, kbits: number, key: boolean, hard: number): number {
    const cost = this.#cost(quantiser, key, hard);
    return cost >= kbits ? quantiser : Math.max((quantiser * cost) / kbits, this.#quantiserFor(kbits, key, hard));
  }

  #cost(quantiser: number, key: boolean, hard: number): number {
    if (key) return (hard * KEY_KBITS) / quantiser;
    return (hard * (LEAST_KBPS + DETAIL_KBPS * quantiser ** -DETAIL_POWER)) / this.#frameRate;
  }

  #quantiserFor(kbits: number, key: boolean, hard: number): number {
    return key ? (hard * KEY_KBITS) / kbits : coarseness(kbits * this.#frameRate, hard);
  }

  #note(quantiser: number, key: boolean, kbits: number): void {
    this.#fillKbits = Math.min(this.#bufferKbits, this.#fillKbits - kbits + this.#shareKbits);
    this.#spentByQuantiser = (this.#spentByQuantiser + (kbits * quantiser) / this.#coarser) * this.#kept;
    this.#wantedKbits = (this.#wantedKbits + this.#shareKbits) * this.#kept;
    if (!key) this.#lastQuantiser = quantiser;
    const { sum, weight } = this.#logQuantiser;
    this.#logQuantiser = {
      sum: sum * MEMORY_KEPT + Math.log2(key ? quantiser * KEY_FINER : quantiser),
      weight: weight * MEMORY_KEPT + 1,
    };
  }
}

/** The quantiser at which pictures that hard take that rate. */
function coarseness(kbps: number, hard: number): number {
  const detailKbps = kbps / hard - LEAST_KBPS;
  return detailKbps > 0 ? Math.min(COARSEST, (DETAIL_KBPS / detailKbps) ** (1 / DETAIL_POWER)) : COARSEST;
}
