/** How a rendition's settings become x264's. Without native code, so that tests and benchmarks can read it. */
import { availableParallelism } from 'node:os';
import type { VideoSettings } from '../../src-shared/domain/rendition.ts';

/**
 * How much of its rate an encode may be ahead of, in seconds: what a slower link has waiting until the encode has
 * followed. From 4,500 to 1,300 kbps over 1,500, presenter clip at 720p30: 0.25 s with a buffer of 0.4 s, 0.6 s with one
 * of a second, whose pictures were 0.1 to 0.2 dB better for 2 to 4 % more bits.
 */
export const VBV_S = 0.4;

/** The options by their names in FFmpeg, besides the context's own fields; the benchmark hands them to the command line. */
export function x264Options(settings: VideoSettings): Record<string, string> {
  return {
    preset: settings.preset,
    ...(settings.tune === 'none' ? {} : { tune: settings.tune }),
    'forced-idr': '1',
    sc_threshold: '0',
    keyint_min: String(keyframeIntervalTicks(settings)),
  };
}

export function keyframeIntervalTicks({ keyframeIntervalS, frameRate }: VideoSettings): number {
  return Math.max(1, Math.round(keyframeIntervalS * frameRate));
}

/**
 * Zero latency cuts a picture into slices, one a thread: many of them cost quality, so a thread has at least 180 rows.
 * Otherwise x264 chooses (0).
 */
export function x264Threads(settings: VideoSettings, cores = availableParallelism()): number {
  if (settings.tune !== 'zerolatency') return 0;
  return Math.max(1, Math.min(cores, Math.floor(settings.heightPx / 180)));
}
