/** The last two minutes of figures, and the map from engine time to this window's time. */
import { Emitter } from '../../../src-shared/disposable.ts';
import type { Ingest, PublisherStatus, StudioStats } from '../../../src-shared/domain/index.ts';
import { totalKbps, worstCongestion, worstRttMs } from './figures.ts';

const KEPT = 120;
export const CONGESTION_KEPT_S = 60;

export interface HealthSample {
  /** of all connections that leave this computer together */
  bitrateKbps: number;
  queueMs: number;
  /** of the worst connection */
  congestionPct: number;
  droppedPerS: number;
  /** null where no system tells */
  rttMs: number | null;
  encodeMs: number;
}

const samples: HealthSample[] = [];
/** by connection: congestion (0 to 1) in each of the last seconds, newest last */
const congestions = new Map<string, readonly number[]>();
export const healthChanged = new Emitter<null>();
let offsetUs: number | null = null;
let lastDropped = 0;

export function noteStats(stats: StudioStats): void {
  const { publishers } = stats;
  offsetUs = stats.timeUs - performance.now() * 1_000;
  const dropped = publishers.reduce((sum, one) => sum + one.stats.framesDropped, 0);
  samples.push({
    bitrateKbps: totalKbps(publishers),
    queueMs: Math.max(0, ...publishers.map((one) => one.stats.queueMs)),
    congestionPct: worstCongestion(publishers) * 100,
    droppedPerS: Math.max(0, dropped - lastDropped),
    rttMs: worstRttMs(publishers),
    encodeMs: stats.encoder.encodeP95Ms,
  });
  noteCongestion(publishers);
  lastDropped = dropped;
  if (samples.length > KEPT) samples.shift();
  healthChanged.emit(null);
}

function noteCongestion(publishers: readonly PublisherStatus[]): void {
  const keys = new Set(publishers.map(({ destinationId, ingest }) => `${destinationId}/${ingest}`));
  for (const key of congestions.keys()) if (!keys.has(key)) congestions.delete(key);
  for (const { destinationId, ingest, stats } of publishers) {
    const before = congestionOf(destinationId, ingest);
    congestions.set(`${destinationId}/${ingest}`, [...before, stats.congestion].slice(-CONGESTION_KEPT_S));
  }
}

/** @returns 0 to 1 for each of the last seconds, newest last */
export function congestionOf(destinationId: string, ingest: Ingest): readonly number[] {
  return congestions.get(`${destinationId}/${ingest}`) ?? [];
}

export function healthSamples(): readonly HealthSample[] {
  return samples;
}

/** @returns engine time now, in microseconds; null before the first figures arrived */
export function engineNowUs(): number | null {
  return offsetUs === null ? null : performance.now() * 1_000 + offsetUs;
}
