/** A network rehearsal as it is seen from the figures that the engine gives once a second. Pure. */
import { type LinkProfileId, REHEARSAL_ID, type StudioStats } from '../../../src-shared/domain/index.ts';

export interface RunSample {
  timeUs: number;
  /** what the link lets through */
  capacityKbps: number;
  /** what leaves */
  bitrateKbps: number;
  /** what rate control asks of the video, and the most that it may ask */
  targetKbps: number;
  ceilingKbps: number;
  heightPx: number;
  /** waiting on the way, in our queue or in the link's */
  delayMs: number;
  /** pictures, in the second before */
  sent: number;
  dropped: number;
  isLive: boolean;
  reconnects: number;
}

export interface Run {
  link: LinkProfileId;
  samples: readonly RunSample[];
  isOver: boolean;
  /** counters as they were last */
  framesSent: number;
  framesDropped: number;
  reconnects: number;
}

const KEPT = 3_600;

/** @returns the run after another second; a run that has ended stays until the next begins */
export function nextRun(run: Run | null, { session, link, publishers, timeUs }: StudioStats): Run | null {
  const publisher = publishers.find(({ destinationId }) => destinationId === REHEARSAL_ID);
  if (session.phase !== 'on-air' || !link || !publisher) return run && !run.isOver ? { ...run, isOver: true } : run;
  const { state, stats, rate } = publisher;
  const { framesSent, framesDropped } = stats;
  const seesLink = stats.evidence === 'report' || stats.evidence === 'ack'; // what the server says counts the link's own buffer
  // what was counted before this window looked is not of its first second
  const before = run && !run.isOver ? run : { samples: [], framesSent, framesDropped, reconnects: 0 };
  const reconnects = state.phase === 'live' ? state.reconnects : before.reconnects;
  const sample: RunSample = {
    timeUs,
    capacityKbps: link.capacityKbps,
    bitrateKbps: stats.bitrateKbps,
    targetKbps: rate.targetKbps,
    ceilingKbps: rate.ceilingKbps,
    heightPx: rate.heightPx,
    delayMs: seesLink ? stats.queueMs : stats.queueMs + link.bufferedMs,
    sent: Math.max(0, framesSent - before.framesSent),
    dropped: Math.max(0, framesDropped - before.framesDropped),
    isLive: state.phase === 'live',
    reconnects,
  };
  return {
    link: link.profile,
    samples: [...before.samples, sample].slice(-KEPT),
    isOver: false,
    framesSent,
    framesDropped,
    reconnects,
  };
}
