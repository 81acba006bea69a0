/** The format that the running show began with: a profile that is activated meanwhile is for the next one. Pure. */
import type { PublisherRate, StudioStats } from '../../../src-shared/domain/index.ts';

export type Format = Pick<PublisherRate, 'heightPx' | 'frameRate'>;

export interface Show extends Format {
  /** null: off air, or about to begin */
  sinceUs: number | null;
}

/**
 * @param profile the active profile's format
 * @returns the show after another look. One that this window has not seen begin is as large as its largest connection was.
 */
export function nextShow(show: Show | null, { session, publishers }: Pick<StudioStats, 'session' | 'publishers'>, profile: Format): Show {
  if (session.phase === 'idle' || session.phase === 'starting') return { sinceUs: null, ...profile };
  const sinceUs = session.phase === 'on-air' ? session.sinceUs : (show?.sinceUs ?? null);
  const isKnown = show !== null && (show.sinceUs === null || show.sinceUs === sinceUs);
  const before = isKnown ? show : { heightPx: 0, frameRate: 0 };
  return {
    sinceUs,
    heightPx: Math.max(before.heightPx, ...publishers.map(({ rate }) => rate.heightPx)),
    frameRate: Math.max(before.frameRate, ...publishers.map(({ rate }) => rate.frameRate)),
  };
}

export function isSmaller(rate: Format, show: Format | null): boolean {
  return show !== null && (rate.heightPx < show.heightPx || rate.frameRate < show.frameRate);
}
