/** Where in what there is of a show, and going elsewhere in it. */
import { element } from './dom.ts';

/** Of the media element's own time. */
export interface SeekRange {
  startS: number;
  endS: number;
}

/** a shorter one is not worth a bar; one that is there stays for some less, since what is kept comes and goes in lumps */
const WINDOW_LEAST_S = { show: 10, keep: 8 } as const;

/** Where one may go back to in a live show. @param liveS where live is @param shown it is there already @returns null where it is too little, or not known */
export function liveWindow(seekable: Pick<TimeRanges, 'length' | 'start'>, liveS: number | null, shown: boolean): SeekRange | null {
  if (liveS === null || seekable.length === 0) return null;
  const startS = seekable.start(0);
  return liveS - startS >= (shown ? WINDOW_LEAST_S.keep : WINDOW_LEAST_S.show) ? { startS, endS: liveS } : null;
}

/** what the left and right arrow keys skip */
export const SKIP_S = 5;
const ARROWS_S: Readonly<Record<string, number>> = { ArrowLeft: -SKIP_S, ArrowDown: -SKIP_S, ArrowRight: SKIP_S, ArrowUp: SKIP_S };

/** Where playing goes on after a pause: the place of who had gone back, as far as it is still kept. @returns null: at live */
export function placeAfterPause(window: SeekRange | null, pausedAtLive: boolean, currentS: number): number | null {
  return window && !pausedAtLive ? Math.max(currentS, window.startS) : null;
}

export class SeekBar {
  readonly #video: HTMLVideoElement;
  readonly #input = element<HTMLInputElement>('seek');
  readonly #spoken: (currentS: number, range: SeekRange) => string;
  /** null: there is nothing to go back in */
  #range: SeekRange | null = null;
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
    const release = () => {
      this.#held = false;
    };
    for (const event of ['pointerup', 'pointercancel', 'lostpointercapture', 'change', 'blur'])
      this.#input.addEventListener(event, release);
    this.#input.addEventListener('input', () => this.seek(Number(this.#input.value)));
    // a browser's own step is a hundredth of the show, be it of an hour
    this.#input.addEventListener('keydown', (event) => {
      const seconds = ARROWS_S[event.key];
      if (seconds === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
      this.skip(seconds);
      event.preventDefault();
      event.stopPropagation();
    });
  }

  seek(seconds: number): void {
    if (this.#range) this.#video.currentTime = Math.min(this.#range.endS, Math.max(this.#range.startS, seconds));
  }

  /** @param seconds on; negative: back */
  skip(seconds: number): void {
    this.seek(this.#video.currentTime + seconds);
  }

  /** @param range null: there is nothing to go back in */
  render(range: SeekRange | null): void {
    this.#input.parentElement?.toggleAttribute('hidden', range === null);
    this.#range = range;
    this.#held &&= range !== null; // hidden under the finger it hears no more of it
    if (!range) return;
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
