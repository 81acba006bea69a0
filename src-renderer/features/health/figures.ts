/** What the connections of a show amount to together. Pure. */
import { type PublisherStatus, REHEARSAL_ID } from '../../../src-shared/domain/index.ts';

/** The connections that leave this computer; the rehearsal counts only when there is nothing else. */
export function outgoing(publishers: readonly PublisherStatus[]): readonly PublisherStatus[] {
  const outside = publishers.filter(({ destinationId }) => destinationId !== REHEARSAL_ID);
  return outside.length > 0 ? outside : publishers;
}

/** All that the uplink has to carry. */
export function totalKbps(publishers: readonly PublisherStatus[]): number {
  return outgoing(publishers).reduce((sum, { stats }) => sum + stats.bitrateKbps, 0);
}

/** 0 to 1 */
export function worstCongestion(publishers: readonly PublisherStatus[]): number {
  return Math.max(0, ...publishers.map(({ stats }) => stats.congestion));
}

/** null where no system tells */
export function worstRttMs(publishers: readonly PublisherStatus[]): number | null {
  const known = outgoing(publishers).flatMap(({ stats }) => (stats.rttMs === null ? [] : [stats.rttMs]));
  return known.length > 0 ? Math.max(...known) : null;
}

export function congestionLevel(congestion: number): 'calm' | 'busy' | 'full' {
  return congestion < 0.4 ? 'calm' : congestion < 0.8 ? 'busy' : 'full';
}
