/** What is asked of a full run on 2 cores without a graphics card. */
import type { Bound } from './verdicts.ts';

const RATIO = 1.05;
/** one source for three encodes, against ffmpeg's `split` filter */
const RATIO_OF_THREE = 1.08;
/**
 * Flat: what the system gives back late, some ten pictures of 1080p, but no leak. Over the 18,000 pictures that are looked
 * at, 2 kB a picture would be more.
 */
const GROWTH_MIB = 32;
const LOOP_DELAY_P99_MS = 15;

export const ENCODE_BOUNDS: readonly Bound[] = [
  'x264-veryfast@720p',
  'x264-veryfast@1080p',
  'x264-medium@720p',
  'three-renditions',
].flatMap((name) => [
  { case: name, metric: 'cpuRatio', most: name === 'three-renditions' ? RATIO_OF_THREE : RATIO },
  { case: name, metric: 'loopDelayP99Ms', most: LOOP_DELAY_P99_MS },
  // the others encode 3,000 pictures: less than V8 lets lie before it looks for garbage
  ...(name === 'x264-veryfast@720p' ? [{ case: name, metric: 'rssGrowthMiB', most: GROWTH_MIB }] : []),
]);

/** 1080p30 is reported without one: two cores do not compose and encode it. */
export const PIPELINE_BOUNDS: readonly Bound[] = [
  { case: 's@720p30', metric: 'framesLatePct', most: 2 },
  { case: 's@720p30', metric: 'encodeCpuRatio', most: RATIO },
];
