/** Reads the time code that the host composes into the picture: see src-shared/tick-strip.ts. */
import { readTickStrip, TICK_STRIP_BLOCKS, tickStripBlockPx, timeCodeAgeMs } from '../../src-shared/tick-strip.ts';

/** as it is read: 40 blocks of 16 px */
const BLOCK_PX = 16;
const WIDTH_PX = TICK_STRIP_BLOCKS * BLOCK_PX;
/** Drawing a picture costs a millisecond or so. */
const READ_EVERY_MS = 100;
/** and looking for a code where there was none */
const LOOK_EVERY_MS = 1_000;
/** what the picture may have been composed in, before it became as small as it is here */
const COMPOSED_WIDTHS_PX = [1_920, 1_280, 2_560, 3_840];

export class TimeCodeReader {
  readonly #video: HTMLVideoElement;
  #context: OffscreenCanvasRenderingContext2D | CanvasRenderingContext2D | null = null;
  readonly #luma = new Uint8Array(WIDTH_PX * BLOCK_PX);
  /** how large a block is in the picture here; null: none was found yet */
  #blockPx: number | null = null;
  #nextMs = 0;

  constructor(video: HTMLVideoElement) {
    this.#video = video;
  }

  /**
   * How old the picture is that the video element shows now. Not every call reads.
   * @param shownMs when it is on the screen, Unix time on the clock that the code was made by
   */
  ageMs(shownMs: number): number | null {
    const nowMs = performance.now();
    if (nowMs < this.#nextMs) return null;
    const ageMs = this.#read(shownMs);
    this.#nextMs = nowMs + (this.#blockPx === null ? LOOK_EVERY_MS : READ_EVERY_MS);
    return ageMs;
  }

  #read(shownMs: number): number | null {
    const { videoWidth } = this.#video;
    const natural = tickStripBlockPx(videoWidth);
    const scaled = COMPOSED_WIDTHS_PX.map((widthPx) => (tickStripBlockPx(widthPx) * videoWidth) / widthPx);
    const candidates = this.#blockPx === null ? [natural, ...scaled] : [this.#blockPx];
    this.#blockPx = null;
    for (const blockPx of new Set(candidates)) {
      if (blockPx < 1) continue;
      const code = this.#readCode(blockPx);
      const ageMs = code === null ? null : timeCodeAgeMs(code, shownMs);
      if (ageMs === null) continue;
      this.#blockPx = blockPx;
      return ageMs;
    }
    return null;
  }

  #readCode(blockPx: number): number | null {
    this.#context ??= makeContext();
    const context = this.#context;
    if (!context) return null;
    context.drawImage(this.#video, 0, 0, TICK_STRIP_BLOCKS * blockPx, blockPx, 0, 0, WIDTH_PX, BLOCK_PX);
    const { data } = context.getImageData(0, 0, WIDTH_PX, BLOCK_PX);
    // the strip is grey, so that green alone tells how bright it is
    for (let i = 0; i < this.#luma.length; i += 1) this.#luma[i] = data[i * 4 + 1] as number;
    return readTickStrip(this.#luma, WIDTH_PX, WIDTH_PX);
  }
}

function makeContext(): OffscreenCanvasRenderingContext2D | CanvasRenderingContext2D | null {
  const canvas = Object.assign(document.createElement('canvas'), { width: WIDTH_PX, height: BLOCK_PX });
  return canvas.getContext('2d', { willReadFrequently: true, alpha: false });
}
