/** The last quarter of an hour of figures, one a second: asked for once, then kept up by the engine's pushes. */
import { Emitter } from '../../../src-shared/disposable.ts';
import type { MetricSample, StudioStats } from '../../../src-shared/domain/index.ts';

export const LIVE_SPAN_MS = 15 * 60_000;
const KEPT = LIVE_SPAN_MS / 1_000;

let samples: MetricSample[] = [];
/** a sample has come, or all are others */
export const liveChanged = new Emitter<null>();

export function noteMetrics({ metrics }: StudioStats): void {
  samples.push({ atMs: Date.now(), values: metrics });
  if (samples.length > KEPT) samples.shift();
  liveChanged.emit(null);
}

/** What the engine remembers from before this page. */
export function seedMetrics(recent: readonly MetricSample[]): void {
  samples = [...recent];
  liveChanged.emit(null);
}

export function liveMetrics(): readonly MetricSample[] {
  return samples;
}
