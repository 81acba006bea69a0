/** A connection's figures, as the interface shows them. */
import type { PublisherStats } from '../../../../src-shared/domain/index.ts';
import type { Pressure } from '../../rate-control/pressure.ts';
import type { Tally } from '../tally.ts';

export interface Way {
  /** null: not live */
  pressure: Pressure | null;
  /** what the way always takes */
  floorMs: number;
  /** beyond it pictures are dropped */
  queueMaxMs: number;
}

export function publisherStats({ pressure, floorMs, queueMaxMs }: Way, tally: Tally, nowUs: number): PublisherStats {
  const lateMs = pressure ? Math.max(0, pressure.delayMs - floorMs) : 0;
  const { framesSent, framesDropped, bytesSent, clockJumps } = tally;
  return {
    bitrateKbps: tally.kbps(nowUs),
    queueMs: pressure?.delayMs ?? 0,
    queueBytes: pressure ? pressure.offeredBytes - pressure.deliveredBytes : 0,
    congestion: Math.min(1, lateMs / queueMaxMs),
    evidence: pressure?.evidence ?? 'socket',
    rttMs: pressure?.tcp?.rttMs ?? null,
    retransmittedPackets: pressure?.tcp?.retransmittedPackets ?? null,
    framesSent,
    framesDropped,
    bytesSent,
    clockJumps,
  };
}
