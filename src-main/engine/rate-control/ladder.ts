/**
 * Which size and frame rate a picture gets at a bitrate: pure, with hysteresis in rate and in time.
 * Too few bits for a picture's size look worse than a smaller picture scaled up by the viewer's player.
 */

export interface PictureFormat {
  widthPx: number;
  heightPx: number;
  frameRate: number;
}

export interface Rung extends PictureFormat {
  /** below it a smaller rung looks better */
  leastKbps: number;
}

export interface LadderState {
  base: PictureFormat;
  /** of `rungsOf(base)`; 0 is the base itself */
  index: number;
  /** since when the rate is too low for the rung; null while it is enough */
  lowSinceUs: number | null;
  /** since when the rate is enough for the rung above, with something to spare */
  highSinceUs: number | null;
}

const DOWN_AFTER_US = 3_000_000;
const UP_AFTER_US = 10_000_000;
/** What a larger rung must have above its least before it is taken: a raise that fails at once is worse than waiting. */
const UP_MARGIN = 1.3;

/** 720p30 of a moving scene with x264 veryfast: below this, 540p looks better. */
const REFERENCE = { pixels: 1_280 * 720, frameRate: 30, kbps: 800 };
/** A picture of twice the pixels needs less than twice the bits, and so does one of twice the frames: neighbours are alike. */
const PIXELS_EXPONENT = 0.75;
const FRAMES_EXPONENT = 0.6;

/** Size falls before smoothness does: motion is what a live show lives on. */
const STEPS = [
  { scale: 1, frames: 1 },
  { scale: 3 / 4, frames: 1 },
  { scale: 1 / 2, frames: 1 },
  { scale: 1 / 2, frames: 1 / 2 },
  { scale: 3 / 8, frames: 1 / 2 },
  { scale: 1 / 4, frames: 1 / 2 },
] as const;
const LEAST_SIDE_PX = 144;
const LEAST_FRAME_RATE = 12;

/** The base and what is below it, largest first. Sizes are even, since 4:2:0 has one chroma sample for 2 × 2 pixels. */
export function rungsOf(base: PictureFormat): Rung[] {
  const [, ...below] = STEPS.map(({ scale, frames }) => ({
    widthPx: even(base.widthPx * scale),
    heightPx: even(base.heightPx * scale),
    frameRate: base.frameRate * frames,
  }));
  const usable = below.filter(
    ({ widthPx, heightPx, frameRate }) => Math.min(widthPx, heightPx) >= LEAST_SIDE_PX && frameRate >= LEAST_FRAME_RATE,
  );
  return [base, ...usable].map((format) => ({ ...format, leastKbps: leastKbps(format) }));
}

/** The base, whatever the rate: it has not been too low for long enough yet. */
export function initialLadder(base: PictureFormat): LadderState {
  return { base, index: 0, lowSinceUs: null, highSinceUs: null };
}

/**
 * Call it with every decision of the rate controller.
 * @param videoKbps what the video gets now
 * @param base another one than before starts anew
 */
export function stepLadder(
  state: LadderState,
  atUs: number,
  videoKbps: number,
  base: PictureFormat = state.base,
): { state: LadderState; rung: Rung } {
  if (!sameFormat(base, state.base)) state = initialLadder(base);
  const rungs = rungsOf(base);
  const next = move(state, rungs, atUs, videoKbps);
  return { state: next, rung: rungs[next.index] ?? { ...base, leastKbps: 0 } };
}

function move(state: LadderState, rungs: Rung[], atUs: number, videoKbps: number): LadderState {
  const { index } = state;
  const low = index < rungs.length - 1 && videoKbps < (rungs[index]?.leastKbps ?? 0);
  const high = index > 0 && videoKbps >= (rungs[index - 1]?.leastKbps ?? 0) * UP_MARGIN;
  const lowSinceUs = low ? (state.lowSinceUs ?? atUs) : null;
  const highSinceUs = high ? (state.highSinceUs ?? atUs) : null;
  // at once to where the rate is enough, since each change is a new start for the player
  if (lowSinceUs !== null && atUs - lowSinceUs >= DOWN_AFTER_US) return at(state, firstWithin(rungs, videoKbps, 1));
  if (highSinceUs !== null && atUs - highSinceUs >= UP_AFTER_US) return at(state, firstWithin(rungs, videoKbps, UP_MARGIN));
  return { ...state, lowSinceUs, highSinceUs };
}

const at = (state: LadderState, index: number): LadderState => ({ ...state, index, lowSinceUs: null, highSinceUs: null });

function firstWithin(rungs: Rung[], videoKbps: number, margin: number): number {
  const found = rungs.findIndex(({ leastKbps }) => videoKbps >= leastKbps * margin);
  return found === -1 ? rungs.length - 1 : found;
}

function leastKbps({ widthPx, heightPx, frameRate }: PictureFormat): number {
  const pixels = ((widthPx * heightPx) / REFERENCE.pixels) ** PIXELS_EXPONENT;
  return Math.round(REFERENCE.kbps * pixels * (frameRate / REFERENCE.frameRate) ** FRAMES_EXPONENT);
}

const even = (px: number): number => Math.round(px / 2) * 2;

const sameFormat = (a: PictureFormat, b: PictureFormat): boolean =>
  a.widthPx === b.widthPx && a.heightPx === b.heightPx && a.frameRate === b.frameRate;
