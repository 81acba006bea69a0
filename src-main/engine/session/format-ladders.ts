/** The size and frame rate of each encode, after its bitrate. Pure but for what it remembers. */
import type { RenditionId } from '../../../src-shared/domain/index.ts';
import { initialLadder, type LadderState, type PictureFormat, rungsOf, stepLadder } from '../rate-control/ladder.ts';

/** A little above what the ladder asks of the topmost rung before it takes it. */
const COMFORT = 1.35;

export class FormatLadders {
  readonly #base: PictureFormat;
  readonly #states = new Map<RenditionId, LadderState>();

  /** @param base the profile's format */
  constructor(base: PictureFormat) {
    this.#base = base;
  }

  /**
   * A profile may ask for a large picture at a low rate: that is the user's choice, so rates count in relation to the
   * ceiling, at which the picture is always whole.
   * @returns null for the profile's format
   */
  step(id: RenditionId, atUs: number, videoKbps: number, ceilingKbps: number): PictureFormat | null {
    const [base] = rungsOf(this.#base);
    const generosity = Math.max(1, ((base?.leastKbps ?? 0) * COMFORT) / ceilingKbps);
    const { state, rung } = stepLadder(this.#states.get(id) ?? initialLadder(this.#base), atUs, videoKbps * generosity);
    this.#states.set(id, state);
    if (state.index === 0) return null;
    const { widthPx, heightPx, frameRate } = rung;
    return { widthPx, heightPx, frameRate };
  }

  /** The size may not change: it is the profile's. */
  leave(id: RenditionId): null {
    this.#states.delete(id);
    return null;
  }
}
