/**
 * Media Foundation (H.264, HEVC, AV1): Windows, whatever the vendor. UNVERIFIED: FFmpeg's build for Linux has no such
 * encoder, so the names and values here are taken from FFmpeg's source (libavcodec/mfenc.c) and have not met FFmpeg's
 * own metadata.
 */
import type { VideoSettings } from '../../../src-shared/domain/rendition.ts';
import {
  constantQuality,
  contextFields,
  defined,
  ignoredSettings,
  isLowLatency,
  latencyRules,
  profileOf,
  profileRules,
  tuneRule,
} from './common.ts';
import type { EncoderOptions } from './model.ts';

const RATE_CONTROL: Record<VideoSettings['rateControl'], string> = { cbr: 'cbr', vbr: 'pc_vbr', abr: 'u_vbr', cq: 'quality' };
/** eAVEncH264VProfile (codecapi.h). The option is the context's own, a number. */
const H264_PROFILES: Record<string, number> = { baseline: 66, main: 77, high: 100 };

export function mf(settings: VideoSettings): EncoderOptions {
  return {
    context: contextFields(settings, { pixelFormat: 'nv12', refs: null }),
    options: defined({
      rate_control: RATE_CONTROL[settings.rateControl],
      // 0 to 100, the best
      quality: constantQuality(settings) && Math.round(100 - (settings.quality * 100) / 51),
      scenario: isLowLatency(settings) ? 'display_remoting' : 'live_streaming',
      hw_encoding: 1,
      profile: H264_PROFILES[profileOf(settings, false) ?? ''],
    }),
    ignored: ignoredSettings([
      ...latencyRules(settings),
      tuneRule(settings),
      ['preset', 'encoder', true],
      ['level', 'encoder', settings.level !== null],
      ['lookaheadFrames', 'encoder', !isLowLatency(settings) && (settings.lookaheadFrames ?? 0) > 0],
      ['referenceFrames', 'encoder', settings.referenceFrames !== null],
      ['maxBitrateKbps', 'rate-control', constantQuality(settings) && settings.maxBitrateKbps !== null],
      ...profileRules(settings, false),
    ]),
  };
}
