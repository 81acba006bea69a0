/** Quick Sync (H.264, HEVC, AV1): Intel oneVPL. Rate control follows from the context's rates (FFmpeg's select_rc_mode). */
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
  tuneRule,
} from './common.ts';
import { levelOf } from './levels.ts';
import type { EncoderOptions } from './model.ts';

/** Seven target usages, of which the fastest is `veryfast`. */
const PRESETS: Record<VideoSettings['preset'], string> = {
  ultrafast: 'veryfast',
  superfast: 'veryfast',
  veryfast: 'veryfast',
  faster: 'faster',
  fast: 'fast',
  medium: 'medium',
  slow: 'slow',
  slower: 'slower',
};

export function qsv(settings: VideoSettings): EncoderOptions {
  const low = isLowLatency(settings);
  const tenBit = isTenBit(settings, false);
  const codec = codecOf(settings);
  const lookahead = low ? 0 : (settings.lookaheadFrames ?? 0);
  return {
    context: contextFields(settings, {
      pixelFormat: tenBit ? 'p010le' : 'nv12',
      // intelligent constant quality (1 to 51), and with a maximum the quality-defined variable rate
      globalQuality: constantQuality(settings) ? Math.max(1, Math.round(settings.quality)) : null,
    }),
    options: defined({
      preset: PRESETS[settings.preset],
      profile: profileOf(settings, tenBit),
      level: levelOf(settings)?.replace('.', ''),
      forced_idr: 1,
      // 0: every I-frame is an IDR
      idr_interval: codec !== 'av1' && 0,
      async_depth: low && 1,
      low_delay_brc: low && settings.rateControl !== 'cq' && 1,
      scenario: codec !== 'av1' && !low && 'livestreaming',
      adaptive_i: 0,
      adaptive_b: 0,
      b_strategy: codec !== 'av1' && 0,
      // the look-ahead of all three codecs is that of the extended rate control
      extbrc: lookahead > 0 && 1,
      look_ahead_depth: lookahead > 0 && Math.min(100, lookahead),
      repeat_pps: codec === 'h264' && 0,
    }),
    ignored: ignoredSettings([...latencyRules(settings), tuneRule(settings), levelRule(settings), ...profileRules(settings, tenBit)]),
  };
}
