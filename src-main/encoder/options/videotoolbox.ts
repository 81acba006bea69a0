/**
 * VideoToolbox (H.264, HEVC): macOS. UNVERIFIED: FFmpeg's build for Linux has no such encoder, so the names and values
 * here are taken from FFmpeg's source (libavcodec/videotoolboxenc.c) and have not met FFmpeg's own metadata.
 */
import type { VideoSettings } from '../../../src-shared/domain/rendition.ts';
import {
  codecOf,
  constantQuality,
  contextFields,
  defined,
  ignoredSettings,
  isLowLatency,
  isTenBit,
  latencyRules,
  levelRule,
  profileOf,
  profileRules,
  referenceFrames,
  tuneRule,
} from './common.ts';
import { levelOf } from './levels.ts';
import type { EncoderOptions } from './model.ts';

/** FF_QP2LAMBDA: the unit of `global_quality` where `flags` has `qscale`. */
const LAMBDA = 118;
const FAST: VideoSettings['preset'][] = ['ultrafast', 'superfast', 'veryfast', 'faster'];
/** FFmpeg lists no other for H.264. */
const H264_LEVELS = ['1.3', '3.0', '3.1', '3.2', '4.0', '4.1', '4.2', '5.0', '5.1', '5.2'];

export function videotoolbox(settings: VideoSettings): EncoderOptions {
  const tenBit = isTenBit(settings, false);
  const h264 = codecOf(settings) === 'h264';
  const level = levelOf(settings);
  const takesLevel = h264 && level !== null && H264_LEVELS.includes(level);
  return {
    context: contextFields(settings, {
      pixelFormat: tenBit ? 'p010le' : 'nv12',
      refs: null,
      // its own scale goes from 0 to 100, the best; on Apple silicon only
      globalQuality: constantQuality(settings) ? Math.round(100 - (settings.quality * 100) / 51) * LAMBDA : null,
      flags: constantQuality(settings) ? ['global_header', 'cgop', 'qscale'] : ['global_header', 'cgop'],
    }),
    options: defined({
      profile: profileOf(settings, tenBit),
      level: takesLevel && level,
      constant_bit_rate: settings.rateControl === 'cbr' && 1,
      realtime: 1,
      prio_speed: FAST.includes(settings.preset) ? 1 : 0,
      allow_sw: 0,
      max_ref_frames: referenceFrames(settings),
    }),
    ignored: ignoredSettings([
      ...latencyRules(settings),
      tuneRule(settings),
      ['lookaheadFrames', 'encoder', !isLowLatency(settings) && (settings.lookaheadFrames ?? 0) > 0],
      ['level', 'encoder', level !== null && !takesLevel],
      levelRule(settings),
      ...profileRules(settings, tenBit),
    ]),
  };
}
