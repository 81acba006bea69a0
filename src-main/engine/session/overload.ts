/**
 * What is given up when encoding cannot keep up, before pictures are lost, and when it is taken back. Pure policy: the
 * preset first, then the frame rate, then the size; down at once as far as it takes, up one step at a time, and more
 * slowly each time that has failed.
 */
import { ENCODER_PRESETS, type ReliefKind, type VideoSettings } from '../../../src-shared/domain/index.ts';
import type { PictureFormat } from '../rate-control/ladder.ts';

export interface ReliefStep {
  /** what is given up last; null: nothing */
  kind: ReliefKind | null;
  preset: VideoSettings['preset'];
  /** no encode has a larger one; null: the show's */
  format: PictureFormat | null;
  /** of the work that the show's own settings make, about */
  cost: number;
}

/** Of the last second, and of the busiest encode. */
export interface Load {
  busyPct: number;
  /** pictures that wait for it */
  queued: number;
  /** that it is to encode */
  frameRate: number;
}

export interface OverloadState {
  /** of the steps; 0 gives up nothing */
  index: number;
  queued: number;
  /** seconds in a row that it was behind */
  behind: number;
  calmSinceUs: number | null;
  /** so long it must be calm before a step up */
  waitUs: number;
  changedUs: number;
  raisedUs: number;
}

const S = 1_000_000;
/** x264's, from the fastest to the best, against veryfast: measured at 720p; other families are alike in their order. */
const PRESET_COST: Record<VideoSettings['preset'], number> = {
  ultrafast: 0.5,
  superfast: 0.7,
  veryfast: 1,
  faster: 1.5,
  fast: 1.9,
  medium: 2.2,
  slow: 3.6,
  slower: 6.5,
};
/** A smaller picture's work falls a little less than its pixels. */
const PIXELS_EXPONENT = 0.85;
const LEAST_SIDE_PX = 144;
const LEAST_FRAME_RATE = 12;

/**
 * With so much of its time taken and so many waiting, it is behind. Time alone says little: beside a busy page an encode
 * takes long by the clock, and still keeps up.
 */
const BUSY_PCT = 92;
const WAITING = 3;
const QUEUED = 6;
/** So many wait that there is no time for a second look: the sender is held back and leaves pictures out (encoder/video-program.ts). */
const QUEUED_MANY = 12;
const BEHIND_S = 3;
/** What a step is to leave it at. */
const TARGET = 0.75;
/** What a step up may bring it to. */
const CALM_PCT = 60;
/** A change empties the queue and opens encoders anew: what is measured meanwhile says nothing. */
export const SETTLE_US = 2 * S;
export const WAIT_US = 20 * S;
export const WAIT_MAX_US = 320 * S;
/** So soon after a step up it was one too many. */
const FAILED_WITHIN_US = 20 * S;
/** After so long without a change, twice the longest wait, the waits are short again. */
const FORGIVEN_AFTER_US = 2 * WAIT_MAX_US;

export const NO_OVERLOAD: OverloadState = {
  index: 0,
  queued: 0,
  behind: 0,
  calmSinceUs: null,
  waitUs: WAIT_US,
  changedUs: Number.NEGATIVE_INFINITY,
  raisedUs: Number.NEGATIVE_INFINITY,
};

/** @param mayChangeFormat size and frame rate may change for somebody: not in a file, nor where the user forbids it */
export function reliefSteps({ preset, widthPx, heightPx, frameRate }: VideoSettings, mayChangeFormat: boolean): ReliefStep[] {
  const below = ENCODER_PRESETS.slice(0, ENCODER_PRESETS.indexOf(preset)).toReversed();
  const cost = (faster: VideoSettings['preset']) => PRESET_COST[faster] / PRESET_COST[preset];
  const steps: ReliefStep[] = [{ kind: null, preset, format: null, cost: 1 }];
  for (const faster of below) steps.push({ kind: 'preset', preset: faster, format: null, cost: cost(faster) });
  const fastest = below.at(-1) ?? preset;
  if (!mayChangeFormat) return steps;
  const frames = frameRate / 2 >= LEAST_FRAME_RATE ? 1 / 2 : 1;
  for (const scale of [1, 3 / 4, 1 / 2]) {
    const format = { widthPx: even(widthPx * scale), heightPx: even(heightPx * scale), frameRate: frameRate * frames };
    if (Math.min(format.widthPx, format.heightPx) < LEAST_SIDE_PX || (scale === 1 && frames === 1)) continue;
    const kind = scale === 1 ? 'frame-rate' : 'size';
    steps.push({ kind, preset: fastest, format, cost: cost(fastest) * frames * scale ** (2 * PIXELS_EXPONENT) });
  }
  return steps;
}

/** Once a second. @param steps as they are allowed now; they may have become fewer */
export function stepOverload(state: OverloadState, steps: readonly ReliefStep[], load: Load, atUs: number): OverloadState {
  const index = Math.min(state.index, steps.length - 1);
  const grown = load.queued - state.queued;
  const seen = { ...state, index, queued: load.queued };
  if (atUs - state.changedUs < SETTLE_US) return { ...seen, behind: 0, calmSinceUs: null };
  const isBehind = (load.busyPct >= BUSY_PCT && load.queued >= WAITING) || (load.queued >= QUEUED && grown >= 0);
  if (isBehind) {
    const behind = state.behind + 1;
    const now = behind >= BEHIND_S || load.queued >= QUEUED_MANY;
    return now && index < steps.length - 1 ? down(seen, steps, load, grown, atUs) : { ...seen, behind, calmSinceUs: null };
  }
  const after = (steps[index - 1]?.cost ?? 1) / (steps[index]?.cost ?? 1);
  const isCalm = load.queued < QUEUED && load.busyPct * after <= CALM_PCT;
  const calmSinceUs = isCalm ? (state.calmSinceUs ?? atUs) : null;
  const waitUs = atUs - state.changedUs >= FORGIVEN_AFTER_US ? WAIT_US : state.waitUs;
  if (index > 0 && calmSinceUs !== null && atUs - calmSinceUs >= waitUs)
    return { ...seen, index: index - 1, behind: 0, calmSinceUs: null, waitUs, changedUs: atUs, raisedUs: atUs };
  return { ...seen, behind: 0, calmSinceUs, waitUs };
}

/** To the first step that makes little enough work; a full encoder's need is what it does and what it leaves undone. */
function down(state: OverloadState, steps: readonly ReliefStep[], load: Load, grown: number, atUs: number): OverloadState {
  const undone = load.frameRate / Math.max(1, load.frameRate - Math.max(0, grown));
  const needed = Math.max(1, (load.busyPct / 100) * undone);
  const least = ((steps[state.index]?.cost ?? 1) * TARGET) / needed;
  const found = steps.findIndex(({ cost }, index) => index > state.index && cost <= least);
  const hasFailed = atUs - state.raisedUs < FAILED_WITHIN_US;
  return {
    ...state,
    index: found === -1 ? steps.length - 1 : found,
    behind: 0,
    calmSinceUs: null,
    waitUs: hasFailed ? Math.min(WAIT_MAX_US, state.waitUs * 2) : state.waitUs,
    changedUs: atUs,
  };
}

/** The smaller of both in every measure. */
export function smallerFormat(a: PictureFormat | null, b: PictureFormat | null): PictureFormat | null {
  if (!a || !b) return a ?? b;
  const { widthPx, heightPx } = a.widthPx * a.heightPx <= b.widthPx * b.heightPx ? a : b;
  return { widthPx, heightPx, frameRate: Math.min(a.frameRate, b.frameRate) };
}

const even = (px: number): number => Math.round(px / 2) * 2;
