/** libx265 (HEVC). What FFmpeg has no option for goes into `x265-params`. */
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

export function x265(settings: VideoSettings): EncoderOptions {
  const low = isLowLatency(settings);
  const tenBit = isTenBit(settings, true);
  const params = defined({
    scenecut: 0,
    'repeat-headers': 0,
    // otherwise 2.5 kB of SEI about the encoder before every first picture
    info: 0,
    'level-idc': levelOf(settings),
    'rc-lookahead': !low && settings.lookaheadFrames,
    // with a buffer that is nearly full at the start, as x265 has it, the first two seconds are 9 % above a constant rate: measured
    'vbv-init': settings.rateControl === 'cbr' && 0.5,
    'log-level': 'error',
  });
  return {
    context: contextFields(settings, {
      pixelFormat: tenBit ? 'yuv420p10le' : 'yuv420p',
      // FFmpeg hands it on as the number of pictures encoded at once, each of which is a picture of delay
      threadCount: low ? 1 : 0,
    }),
    options: defined({
      preset: settings.preset,
      tune: settings.tune !== 'none' && settings.tune !== 'film' && settings.tune,
      profile: profileOf(settings, tenBit),
      crf: constantQuality(settings) && settings.quality,
      'forced-idr': 1,
      keyint_min: keyframeIntervalTicks(settings),
      'x265-params': joined(params),
    }),
    ignored: ignoredSettings([
      ...latencyRules(settings),
      ['tune', 'encoder', settings.tune === 'film'],
      levelRule(settings),
      ...profileRules(settings, tenBit),
    ]),
  };
}

const joined = (params: Record<string, string>) =>
  Object.entries(params)
    .map(([name, value]) => `${name}=${value}`)
    .join(':');
