/** libx264 (H.264): the reference for all others, since the settings are its own. */
import { availableParallelism } from 'node:os';
import type { VideoSettings } from '../../../src-shared/domain/rendition.ts';
import {
  constantQuality,
  contextFields,
  defined,
  ignoredSettings,
  isLowLatency,
  isTenBit,
  keyframeIntervalTicks,
  latencyRules,
  levelRule,
  profileOf,
  profileRules,
} from './common.ts';
import { levelOf } from './levels.ts';
import type { EncoderOptions } from './model.ts';

/**
 * Zero latency cuts a picture into slices, one a thread: many of them cost quality, so a thread has at least 180 rows.
 * Otherwise x264 chooses (0).
 */
export function x264Threads(settings: VideoSettings, cores = availableParallelism()): number {
  if (!isLowLatency(settings)) return 0;
  return Math.max(1, Math.min(cores, Math.floor(settings.heightPx / 180)));
}

/** @param cores of this machine, for the number of slices */
export function x264(settings: VideoSettings, cores?: number): EncoderOptions {
  const low = isLowLatency(settings);
  const tenBit = isTenBit(settings, true);
  return {
    context: contextFields(settings, {
      pixelFormat: tenBit ? 'yuv420p10le' : 'yuv420p',
      threadCount: x264Threads(settings, cores),
    }),
    options: defined({
      preset: settings.preset,
      tune: settings.tune !== 'none' && settings.tune,
      profile: profileOf(settings, tenBit),
      level: levelOf(settings),
      crf: constantQuality(settings) && settings.quality,
      'rc-lookahead': !low && settings.lookaheadFrames,
      // the tree of macroblocks grows from what lies ahead; x264 would turn it off itself, with a warning
      mbtree: !low && settings.lookaheadFrames === 0 && 0,
      'forced-idr': 1,
      sc_threshold: 0,
      // x264 lowers it to half the interval and one: with scene cuts off, an IDR is then only where it is due or asked for
      keyint_min: keyframeIntervalTicks(settings),
    }),
    ignored: ignoredSettings([...latencyRules(settings), levelRule(settings), ...profileRules(settings, tenBit)]),
  };
}
