/** How a rendition's settings become x264's. Without native code, so that tests and benchmarks can read it. */
import { availableParallelism } from 'node:os';
import type { VideoSettings } from '../../src-shared/domain/rendition.ts';

/** Constant rate: the peak is the average over a second, which gives an IDR the room its details need … */
export const VBV_S = 1;
/** … and over less while the link holds the rate down, since what a second lets out at once waits before a slow link. */
export const VBV_LIMITED_S = 0.4;

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
