/** The last two minutes of figures, and the map from engine time to this window's time. */
import { Emitter } from '../../../src-shared/disposable.ts';
import type { StudioStats } from '../../../src-shared/domain/index.ts';

const KEPT = 120;

export interface HealthSample {
  bitrateKbps: number;
  queueMs: number;
  droppedPerS: number;
  encodeMs: number;
}

const samples: HealthSample[] = [];
export const healthChanged = new Emitter<null>();
let offsetUs: number | null = null;
let lastDropped = 0;

export function noteStats(stats: StudioStats): void {
  offsetUs = stats.timeUs - performance.now() * 1_000;
  const dropped = stats.publishers.reduce((sum, one) => sum + one.stats.framesDropped, 0);
  samples.push({
    bitrateKbps: Math.max(0, ...stats.publishers.map((one) => one.stats.bitrateKbps)),
    queueMs: Math.max(0, ...stats.publishers.map((one) => one.stats.queueMs)),
    droppedPerS: Math.max(0, dropped - lastDropped),
    encodeMs: stats.encoder.encodeP95Ms,
  });
  lastDropped = dropped;
  if (samples.length > KEPT) samples.shift();
  healthChanged.emit(null);
}

export function healthSamples(): readonly HealthSample[] {
  return samples;
}

/** @returns engine time now, in microseconds; null before the first figures arrived */
export function engineNowUs(): number | null {
  return offsetUs === null ? null : performance.now() * 1_000 + offsetUs;
}
