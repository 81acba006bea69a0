/** NVENC (H.264, HEVC, AV1): NVIDIA Video Codec SDK, presets P1 (fastest) to P7. */
import type { VideoSettings } from '../../../src-shared/domain/rendition.ts';
import {
  bFrames,
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
  scaledQuality,
  tuneRule,
} from './common.ts';
import { levelOf } from './levels.ts';
import type { EncoderOptions } from './model.ts';

const PRESETS: Record<VideoSettings['preset'], string> = {
  ultrafast: 'p1',
  superfast: 'p1',
  veryfast: 'p2',
  faster: 'p3',
  fast: 'p4',
  medium: 'p5',
  slow: 'p6',
  slower: 'p7',
};

export function nvenc(settings: VideoSettings): EncoderOptions {
  const low = isLowLatency(settings);
  const tenBit = isTenBit(settings, false);
  const av1 = codecOf(settings) === 'av1';
  const lookahead = low ? 0 : settings.lookaheadFrames;
  return {
    context: contextFields(settings, { pixelFormat: tenBit ? 'p010le' : 'yuv420p', refs: null }),
    options: defined({
      preset: PRESETS[settings.preset],
      tune: low ? 'ull' : 'hq',
      profile: av1 ? null : profileOf(settings, tenBit),
      level: levelOf(settings),
      rc: settings.rateControl === 'cbr' ? 'cbr' : 'vbr',
      // 0 would mean that it chooses
      cq: constantQuality(settings) && Math.max(1, scaledQuality(settings, av1 ? 63 : 51)),
      'rc-lookahead': lookahead,
      'no-scenecut': 1,
      'forced-idr': 1,
      strict_gop: 1,
      zerolatency: low && 1,
      delay: low && 0,
      b_ref_mode: bFrames(settings) === 0 && 'disabled',
      dpb_size: referenceFrames(settings),
    }),
    ignored: ignoredSettings([...latencyRules(settings), tuneRule(settings), levelRule(settings), ...profileRules(settings, tenBit)]),
  };
}
