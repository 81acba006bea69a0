/** VAAPI (H.264, HEVC, AV1): Linux, on Intel and AMD. Pictures are uploaded to surfaces of the device first. */
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
  scaledQuality,
  tuneRule,
} from './common.ts';
import { levelOf, shortLevel } from './levels.ts';
import type { EncoderOptions } from './model.ts';

/** Quality levels of the drivers, 7 the fastest; FFmpeg lowers what is above a driver's own. */
const PRESETS: Record<VideoSettings['preset'], number> = {
  ultrafast: 7,
  superfast: 7,
  veryfast: 6,
  faster: 5,
  fast: 4,
  medium: 3,
  slow: 2,
  slower: 1,
};

/** The average alone (AVBR) few drivers have: to them it is a variable rate. */
const RATE_CONTROL: Record<VideoSettings['rateControl'], string> = { cbr: 'CBR', vbr: 'VBR', abr: 'VBR', cq: 'CQP' };

export function vaapi(settings: VideoSettings): EncoderOptions {
  const codec = codecOf(settings);
  const tenBit = isTenBit(settings, false);
  const quality = Math.max(1, scaledQuality(settings, codec === 'av1' ? 255 : 51));
  const level = levelOf(settings);
  return {
    context: contextFields(settings, {
      pixelFormat: 'vaapi',
      surfaceFormat: tenBit ? 'p010le' : 'nv12',
      globalQuality: constantQuality(settings) ? quality : null,
      compressionLevel: PRESETS[settings.preset],
    }),
    options: defined({
      rc_mode: RATE_CONTROL[settings.rateControl],
      profile: profileName(settings, tenBit),
      level: codec === 'av1' ? level : shortLevel(level),
      // 0: every I-frame is an IDR
      idr_interval: 0,
      async_depth: isLowLatency(settings) && 1,
    }),
    ignored: ignoredSettings([
      ...latencyRules(settings),
      tuneRule(settings),
      ['lookaheadFrames', 'encoder', !isLowLatency(settings) && (settings.lookaheadFrames ?? 0) > 0],
      ['maxBitrateKbps', 'rate-control', constantQuality(settings) && settings.maxBitrateKbps !== null],
      levelRule(settings),
      ...profileRules(settings, tenBit),
    ]),
  };
}

function profileName(settings: VideoSettings, tenBit: boolean): string | null {
  const profile = profileOf(settings, tenBit);
  return profile === 'baseline' ? 'constrained_baseline' : profile;
}
