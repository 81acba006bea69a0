/** How far a transition has come, as numbers that both back ends draw by. */
import type { Transition, TransitionOf } from '../../../src-shared/domain/index.ts';

/** Of two scenes, `from` and `to`, both as large as the canvas. */
export type Mix =
  /** `amount` of `to` over `from`, 0 to 1 */
  | { kind: 'fade'; amount: number }
  /** the scene `shown` under `amount` of the colour, 0 to 1 */
  | { kind: 'through'; shown: 'from' | 'to'; colour: string; amount: number }
  /** `from` lies at (x, y), `to` where `from` has left room: at (toX, toY); all in sizes of the canvas */
  | { kind: 'slide'; x: number; y: number; toX: number; toY: number }
  /** `to` where the map is below `threshold`; from there to `threshold` + `softness` less and less of it. The map is 0 to 1 */
  | { kind: 'wipe'; wipe: TransitionOf<'wipe'>; threshold: number; softness: number };

/** an edge that is no wider than this looks like stairs */
const SOFTNESS_MIN = 0.004;

const DIRECTIONS = { left: [-1, 0], right: [1, 0], up: [0, -1], down: [0, 1] } as const;

/** @param progress 0 (all of the old scene) to 1 (all of the new one) */
export function mixOf(transition: Exclude<Transition, { kind: 'cut' }>, progress: number): Mix {
  switch (transition.kind) {
    case 'fade':
      return { kind: 'fade', amount: progress };
    case 'fadeThrough':
      return {
        kind: 'through',
        shown: progress < 0.5 ? 'from' : 'to',
        colour: transition.colour,
        amount: 1 - Math.abs(2 * progress - 1),
      };
    case 'slide': {
      const [x, y] = DIRECTIONS[transition.towards];
      const gone = eased(progress);
      return { kind: 'slide', x: x * gone, y: y * gone, toX: x * (gone - 1), toY: y * (gone - 1) };
    }
    case 'wipe': {
      const softness = Math.max(SOFTNESS_MIN, transition.softness);
      return { kind: 'wipe', wipe: transition, threshold: progress * (1 + softness) - softness, softness };
    }
  }
}

/** Starts and ends gently: 3p² - 2p³. */
function eased(progress: number): number {
  return progress * progress * (3 - 2 * progress);
}

/** Of `to` at a point whose map says `value`: 0 to 1. Both back ends compute just this. */
export function wipeAlpha(value: number, { threshold, softness }: { threshold: number; softness: number }): number {
  return Math.min(1, Math.max(0, 1 - (value - threshold) / softness));
}
