/** AMF (H.264, HEVC, AV1): AMD Advanced Media Framework. */
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
  scaledQuality,
  tuneRule,
} from './common.ts';
import { levelOf } from './levels.ts';
import type { EncoderOptions } from './model.ts';

/** As far as its look-ahead buffer goes (`pa_lookahead_buffer_depth`). */
const LOOKAHEAD_MAX = 41;
const B_FRAMES_MAX = 3;

const PRESETS: Record<VideoSettings['preset'], string> = {
  ultrafast: 'speed',
  superfast: 'speed',
  veryfast: 'speed',
  faster: 'balanced',
  fast: 'balanced',
  medium: 'balanced',
  slow: 'quality',
  slower: 'quality',
};

const RATE_CONTROL: Record<VideoSettings['rateControl'], string> = { cbr: 'cbr', vbr: 'vbr_peak', abr: 'vbr_latency', cq: 'cqp' };

export function amf(settings: VideoSettings): EncoderOptions {
  const low = isLowLatency(settings);
  const tenBit = isTenBit(settings, false);
  const codec = codecOf(settings);
  const lookahead = low ? 0 : (settings.lookaheadFrames ?? 0);
  const betweens = codec === 'hevc' ? 0 : Math.min(B_FRAMES_MAX, bFrames(settings));
  return {
    context: contextFields(settings, { pixelFormat: tenBit ? 'p010le' : 'nv12', maxBFrames: betweens }),
    options: defined({
      usage: low ? 'ultralowlatency' : 'transcoding',
      preset: PRESETS[settings.preset],
      profile: profileName(settings, tenBit),
      level: levelOf(settings),
      rc: RATE_CONTROL[settings.rateControl],
      enforce_hrd: settings.rateControl === 'cbr' && 1,
      ...quantisers(settings),
      forced_idr: 1,
      async_depth: low && 1,
      bf: codec !== 'hevc' && betweens,
      max_b_frames: codec !== 'hevc' && betweens > 0 && betweens,
      bitdepth: codec !== 'h264' && (tenBit ? 10 : 8),
      gops_per_idr: codec === 'hevc' && 1,
      // the headers travel beside the packets
      header_spacing: codec === 'h264' && 0,
      header_insertion_mode: codec !== 'h264' && 'none',
      preanalysis: lookahead > 0 && 1,
      pa_lookahead_buffer_depth: lookahead > 0 && Math.min(LOOKAHEAD_MAX, lookahead),
      pa_scene_change_detection_enable: lookahead > 0 && 0,
    }),
    ignored: ignoredSettings([
      ...latencyRules(settings),
      tuneRule(settings),
      ['bFrames', 'encoder', codec === 'hevc' && bFrames(settings) > 0],
      ['maxBitrateKbps', 'rate-control', constantQuality(settings) && settings.maxBitrateKbps !== null],
      levelRule(settings),
      ...profileRules(settings, tenBit),
    ]),
  };
}

/** H.264's plain baseline, with its slice groups, no hardware has; live video means the constrained one. */
function profileName(settings: VideoSettings, tenBit: boolean): string | null {
  const profile = profileOf(settings, tenBit);
  return profile === 'baseline' ? 'constrained_baseline' : profile;
}

function quantisers(settings: VideoSettings): Record<string, number> {
  if (!constantQuality(settings)) return {};
  const codec = codecOf(settings);
  const quantiser = scaledQuality(settings, codec === 'av1' ? 255 : 51);
  return { qp_i: quantiser, qp_p: quantiser, ...(codec === 'hevc' ? {} : { qp_b: quantiser }) };
}
