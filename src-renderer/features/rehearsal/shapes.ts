/** The shipped uplinks as small drawings: what each lets through (kbps) in every second of its round of a minute. */
import type { LinkProfileId } from '../../../src-shared/domain/index.ts';

export const ROUND_S = 60;
/** the top edge of the drawings */
export const SHAPE_TOP_KBPS = 6_500;

/** lte: means of its trace by the second, in hundreds of kbps */
const LTE = [
  55, 47, 43, 46, 36, 24, 46, 42, 52, 47, 53, 46, 42, 42, 53, 36, 8, 42, 44, 44, 18, 14, 13, 22, 49, 32, 18, 11, 12, 27, 36, 47, 51, 40, 43,
  42, 45, 46, 52, 50, 49, 49, 44, 44, 44, 27, 16, 14, 21, 33, 43, 37, 47, 52, 48, 39, 37, 40, 39, 48,
];

const everySecond = (kbps: (second: number) => number): readonly number[] => Array.from({ length: ROUND_S }, (_, second) => kbps(second));

export const SHAPES: Record<LinkProfileId, readonly number[]> = {
  step: everySecond((s) => (s >= 20 && s < 40 ? 1_500 : 6_000)),
  ramp: everySecond((s) => 1_000 + 200 * Math.min(25, Math.abs(s + 0.5 - 30))),
  sawtooth: everySecond((s) => 1_500 + 375 * (s % 12)),
  lte: LTE.map((hundreds) => hundreds * 100),
  outage: everySecond((s) => ((s >= 15 && s < 18) || s === 40 ? 0 : 5_000)),
  bufferbloat: everySecond((s) => 3_000 + 150 * Math.sin(s * 2.1)),
};
