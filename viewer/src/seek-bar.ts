/** Where in what there is of a show, and going elsewhere in it. */
import { element } from './dom.ts';

/** Of the media element's own time. */
export interface SeekRange {
  startS: number;
  endS: number;
}

/** a shorter one is not worth a bar */
const WINDOW_LEAST_S = 10;

/** Where one may go back to in a live show. @param liveS where live is. @returns null where it is too little, or not known */
export function liveWindow(seekable: Pick<TimeRanges, 'length' | 'start'>, liveS: number | null): SeekRange | null {
  if (liveS === null || seekable.length === 0) return null;
  const startS = seekable.start(0);
  return liveS - startS >= WINDOW_LEAST_S ? { startS, endS: liveS } : null;
}

export class SeekBar {
  readonly #video: HTMLVideoElement;
  readonly #input = element<HTMLInputElement>('seek');
  readonly #spoken: (currentS: number, range: SeekRange) => string;
  #range: SeekRange = { startS: 0, endS: 0 };
  /** while a finger is on it, it is the visitor's */
  #held = false;

  /** @param label what it is called @param spoken what its place is called */
  constructor(video: HTMLVideoElement, label: string, spoken: (currentS: number, range: SeekRange) => string) {
    this.#video = video;
    this.#spoken = spoken;
    this.#input.ariaLabel = label;
    this.#input.addEventListener('pointerdown', () => {
      this.#held = true;
    });
    for (const event of ['pointerup', 'pointercancel', 'change'])
      this.#input.addEventListener(event, () => {
        this.#held = false;
      });
    this.#input.addEventListener('input', () => this.seek(Number(this.#input.value)));
  }

  seek(seconds: number): void {
    this.#video.currentTime = Math.min(this.#range.endS, Math.max(this.#range.startS, seconds));
  }

  /** @param range null: there is nothing to go back in */
  render(range: SeekRange | null): void {
    this.#input.parentElement?.toggleAttribute('hidden', range === null);
    if (!range) return;
    this.#range = range;
    const { currentTime, buffered } = this.#video;
    const input = this.#input;
    input.min = String(range.startS);
    input.max = String(range.endS);
    if (!this.#held) input.value = String(currentTime);
    input.ariaValueText = this.#spoken(currentTime, range);
    const share = (seconds: number) => `${(100 * (seconds - range.startS)) / Math.max(0.001, range.endS - range.startS)}%`;
    input.style.setProperty('--played', share(Math.min(range.endS, Math.max(range.startS, currentTime))));
    let loadedS = currentTime;
    for (let i = 0; i < buffered.length; i += 1) if (buffered.start(i) <= currentTime + 0.1) loadedS = Math.max(loadedS, buffered.end(i));
    input.style.setProperty('--loaded', share(Math.min(range.endS, loadedS)));
  }
}
