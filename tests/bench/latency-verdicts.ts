/** What is asked of the time from glass to glass. The two ways of measuring may be 50 ms apart. */
import type { Bound } from './verdicts.ts';

export const LATENCY_BOUNDS: readonly Bound[] = [
  { case: 'flv', metric: 'glassP50Ms', most: 600 },
  { case: 'flv', metric: 'glassP95Ms', most: 900 },
  { case: 'flv', metric: 'firstFrameP50Ms', most: 500 },
  { case: 'll-hls', metric: 'glassP50Ms', most: 2_000 },
  { case: 'rtmp', metric: 'glassP50Ms', most: 400 },
  ...['flv', 'll-hls', 'rtmp'].map((name) => ({ case: name, metric: 'apartMs', most: 50 })),
];
