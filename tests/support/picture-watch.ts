/** What a viewer sees: when each picture of a video element came on the screen, and whether that looked like one show. */

/** A picture as the browser tells of it (requestVideoFrameCallback). */
export interface ShownPicture {
  /** on the screen, by performance.now() of the page */
  atMs: number;
  mediaMs: number;
  /** pictures that the browser has handed to the screen so far, those between two looks included */
  presented: number;
  lines: number;
}

export interface Watched {
  pictures: ShownPicture[];
  /** `waiting` of the element after its first picture, which no pause and no jump of the visitor caused */
  stallsMs: number[];
  nowMs: number;
}

export interface Breaks {
  /** no new picture for longer than BREAK_MS */
  gaps: { atMs: number; lengthMs: number }[];
  /** a picture that lies before the one that was shown already, or is the same */
  backwardsMs: number[];
  stallsMs: number[];
  longestMs: number;
}

/** five pictures at 30 fps: what lies below is a busy machine's jitter, and hardly seen */
export const BREAK_MS = 150;
/** a page that was too busy to look at single pictures still knows how many were shown: so many a second are no standstill */
const PRESENTED_EVERY_MS = 75;

/** To run in the page before anything else: it fills `window.pictureWatch`. */
export const PICTURE_WATCH = `(() => {
  const watch = (window.pictureWatch = { pictures: [], stallsMs: [] });
  const begin = () => {
    const video = document.querySelector('video');
    if (!video) return;
    const look = (_, { expectedDisplayTime, mediaTime, presentedFrames, height }) => {
      watch.pictures.push({ atMs: expectedDisplayTime, mediaMs: mediaTime * 1000, presented: presentedFrames, lines: height });
      if (watch.pictures.length > 40000) watch.pictures.shift();
      video.requestVideoFrameCallback(look);
    };
    video.requestVideoFrameCallback(look);
    video.addEventListener('waiting', () => {
      if (watch.pictures.length > 0 && !video.paused) watch.stallsMs.push(performance.now());
    });
  };
  if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', begin);
  else begin();
})()`;

interface Evaluates {
  evaluate(expression: string): Promise<unknown>;
}

export const watched = (page: Evaluates) => page.evaluate('({ ...pictureWatch, nowMs: performance.now() })') as Promise<Watched>;

/** @param fromMs by the page's performance.now() */
export function findBreaks({ pictures, stallsMs }: Watched, fromMs: number, untilMs = Number.POSITIVE_INFINITY): Breaks {
  const breaks: Breaks = {
    gaps: [],
    backwardsMs: [],
    stallsMs: stallsMs.filter((atMs) => atMs >= fromMs && atMs <= untilMs),
    longestMs: 0,
  };
  pictures.forEach((picture, i) => {
    const before = pictures[i - 1];
    if (!before || picture.atMs < fromMs || picture.atMs > untilMs) return;
    const lengthMs = picture.atMs - before.atMs;
    const between = Math.max(1, picture.presented - before.presented);
    if (lengthMs / between > PRESENTED_EVERY_MS) breaks.longestMs = Math.max(breaks.longestMs, lengthMs);
    if (lengthMs > BREAK_MS && lengthMs / between > PRESENTED_EVERY_MS) breaks.gaps.push({ atMs: before.atMs, lengthMs });
    if (picture.mediaMs <= before.mediaMs) breaks.backwardsMs.push(picture.atMs);
  });
  return breaks;
}
