/** The size and frame rate of each encode, after its bitrate. Pure but for what it remembers. */
import type { RenditionId } from '../../../src-shared/domain/index.ts';
import { initialLadder, type LadderState, type PictureFormat, rungsOf, stepLadder } from '../rate-control/ladder.ts';

/** A little above what the ladder asks of the topmost rung before it takes it. */
const COMFORT = 1.35;

export class FormatLadders {
  readonly #states = new Map<RenditionId, { whole: PictureFormat; state: LadderState }>();

  /**
   * Settings may ask for a large picture at a low rate: that is the user's choice, so rates count in relation to the
   * ceiling, at which the picture is always whole.
   * @param whole the format that the settings ask for; with another one it begins anew
   * @returns null for the whole one
   */
  step(id: RenditionId, whole: PictureFormat, atUs: number, videoKbps: number, ceilingKbps: number): PictureFormat | null {
    const [first] = rungsOf(whole);
    const generosity = Math.max(1, ((first?.leastKbps ?? 0) * COMFORT) / ceilingKbps);
    const known = this.#states.get(id);
    const before = known && isSame(known.whole, whole) ? known.state : initialLadder(whole);
    const { state, rung } = stepLadder(before, atUs, videoKbps * generosity);
    this.#states.set(id, { whole, state });
    if (state.index === 0) return null;
    const { widthPx, heightPx, frameRate } = rung;
    return { widthPx, heightPx, frameRate };
  }

  /** The size may not change: it is the whole one. */
  leave(id: RenditionId): null {
    this.#states.delete(id);
    return null;
  }
}

const isSame = (a: PictureFormat, b: PictureFormat) => a.widthPx === b.widthPx && a.heightPx === b.heightPx && a.frameRate === b.frameRate;
