/**
 * libsvtav1 (AV1). Its rate control decides on the order of pictures: constant rate needs the low-delay structure, the
 * average one the hierarchical (SVT-AV1 3 refuses to open otherwise), and only constant quality takes a maximum. Its mode for
 * real-time communication reaches another rate a second after it has been opened, where it was up to 15 % below without, at
 * a fifth less CPU and the same quality (measured at 640×360).
 */
import type { VideoSettings } from '../../../src-shared/domain/rendition.ts';
import {
  constantQuality,
  contextFields,
  defined,
  ignoredSettings,
  isLowLatency,
  isTenBit,
  latencyRules,
  levelRule,
  profileRules,
  rateFields,
  scaledQuality,
} from './common.ts';
import { levelOf } from './levels.ts';
import type { EncoderOptions, RateFields } from './model.ts';

/** SVT-AV1's 13 (fastest) to 4: below, not even a fast machine keeps up. */
const PRESETS: Record<VideoSettings['preset'], number> = {
  ultrafast: 12,
  superfast: 11,
  veryfast: 10,
  faster: 9,
  fast: 8,
  medium: 7,
  slow: 6,
  slower: 4,
};

export function svtav1(settings: VideoSettings): EncoderOptions {
  const low = isLowLatency(settings);
  const averaged = settings.rateControl === 'vbr' || settings.rateControl === 'abr';
  const { maxBitrateKbps } = settings;
  const lowDelay = low || settings.rateControl === 'cbr';
  const tenBit = isTenBit(settings, true);
  return {
    context: contextFields(settings, {
      ...svtRate(settings, low && averaged),
      pixelFormat: tenBit ? 'yuv420p10le' : 'yuv420p',
      maxBFrames: 0,
      refs: null,
    }),
    options: defined({
      preset: PRESETS[settings.preset],
      // 0 would mean none was given
      crf: constantQuality(settings) && Math.max(1, scaledQuality(settings, 63)),
      level: levelOf(settings)?.replace('.', ''),
      'svtav1-params': [
        'scd=0',
        lowDelay && 'pred-struct=1',
        lowDelay ? 'lookahead=0' : settings.lookaheadFrames !== null && `lookahead=${settings.lookaheadFrames}`,
        ...(lowDelay && !constantQuality(settings) ? ['rtc=1', ...bufferLevels(settings)] : []),
      ]
        .filter(Boolean)
        .join(':'),
    }),
    ignored: ignoredSettings([
      ...latencyRules(settings),
      ['rateControl', 'low-latency', low && averaged],
      ['maxBitrateKbps', 'encoder', settings.rateControl === 'vbr' && maxBitrateKbps !== null],
      ['maxBitrateKbps', 'low-latency', low && constantQuality(settings) && maxBitrateKbps !== null],
      ['tune', 'encoder', settings.tune === 'film' || settings.tune === 'animation'],
      ['bFrames', 'codec', !low && settings.bFrames > 0],
      ['lookaheadFrames', 'rate-control', !low && lowDelay && (settings.lookaheadFrames ?? 0) > 0],
      ['referenceFrames', 'encoder', settings.referenceFrames !== null],
      levelRule(settings),
      ...profileRules(settings, tenBit),
    ]),
  };
}

/** Equal rates mean the constant one to FFmpeg; a maximum works with constant quality alone, and not in low delay. */
function svtRate(settings: VideoSettings, constant: boolean): RateFields {
  const rate = rateFields(constant ? { ...settings, rateControl: 'cbr' } : settings);
  const unlimited = (!constant && settings.rateControl === 'vbr') || (isLowLatency(settings) && constantQuality(settings));
  return unlimited ? { ...rate, rcMaxRate: 0, rcBufferSize: 0 } : rate;
}

/**
 * With its own levels (60 % at the start and later) the first two seconds at a constant rate are a fifth above it, and all
 * of them a tenth below it where the buffer holds half a second: measured, and gone with these.
 */
function bufferLevels({ bufferS }: VideoSettings): string[] {
  return [`buf-initial-sz=${Math.round(bufferS * 1_000)}`, `buf-optimal-sz=${Math.round(bufferS * 900)}`];
}
