/**
 * How often the preview is drawn: with every picture, or less often while pictures come late. Painting it takes as much
 * of a machine without a GPU as composing does, and the show goes before its preview. Pure.
 */
const STRIDE_MAX = 6;
/** so many pictures in time before the preview is drawn more often again */
const CALM_PICTURES = 90;

export class PreviewPace {
  #stride = 1;
  #since = 0;
  #calm = 0;

  /**
   * One picture has been made.
   * @param isLate it came after its tick, or ticks before it were left out
   * @returns whether to draw it
   */
  next(isLate: boolean): boolean {
    if (isLate) {
      this.#stride = Math.min(STRIDE_MAX, this.#stride + 1);
      this.#calm = 0;
    } else if (++this.#calm >= CALM_PICTURES) {
      this.#stride = Math.max(1, this.#stride - 1);
      this.#calm = 0;
    }
    this.#since++;
    if (isLate || this.#since < this.#stride) return false;
    this.#since = 0;
    return true;
  }
}
