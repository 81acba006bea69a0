/** The last two minutes of figures, and the map from engine time to this window's time. */
import { Emitter } from '../../../src-shared/disposable.ts';
import type { DestinationId, Ingest, PublisherStatus, StudioStats } from '../../../src-shared/domain/index.ts';
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
/** by connection: pictures dropped so far; only of those that were live */
let lastDropped: ReadonlyMap<string, number> = new Map();

export function noteStats(stats: StudioStats): void {
  const { publishers } = stats;
  offsetUs = stats.timeUs - performance.now() * 1_000;
  const dropped = new Map(publishers.filter(({ state }) => state.phase === 'live').map((one) => [keyOf(one), one.stats.framesDropped]));
  samples.push({
    bitrateKbps: totalKbps(publishers),
    queueMs: Math.max(0, ...publishers.map((one) => one.stats.queueMs)),
    congestionPct: worstCongestion(publishers) * 100,
    droppedPerS: [...dropped].reduce((sum, [key, now]) => sum + Math.max(0, now - (lastDropped.get(key) ?? now)), 0),
    rttMs: worstRttMs(publishers),
    encodeMs: stats.encoder.encodeP95Ms,
  });
  noteCongestion(publishers);
  lastDropped = dropped;
  if (samples.length > KEPT) samples.shift();
  healthChanged.emit(null);
}

function noteCongestion(publishers: readonly PublisherStatus[]): void {
  const keys = new Set(publishers.map(keyOf));
  for (const key of congestions.keys()) if (!keys.has(key)) congestions.delete(key);
  for (const one of publishers) {
    const before = congestionOf(one.destinationId, one.ingest);
    congestions.set(keyOf(one), [...before, one.stats.congestion].slice(-CONGESTION_KEPT_S));
  }
}

function keyOf({ destinationId, ingest }: Pick<PublisherStatus, 'destinationId' | 'ingest'>): string {
  return `${destinationId}/${ingest}`;
}

/** @returns 0 to 1 for each of the last seconds, newest last */
export function congestionOf(destinationId: DestinationId, ingest: Ingest): readonly number[] {
  return congestions.get(keyOf({ destinationId, ingest })) ?? [];
}

export function healthSamples(): readonly HealthSample[] {
  return samples;
}

/** @returns engine time now, in microseconds; null before the first figures arrived */
export function engineNowUs(): number | null {
  return offsetUs === null ? null : performance.now() * 1_000 + offsetUs;
}
