/** What the families' tables share. */
import type { IgnoredReason, IgnoredSetting, VideoSettings } from '../../../src-shared/domain/rendition.ts';
import { describeEncoder, type VideoCodec } from '../../../src-shared/domain/video-encoder.ts';
import { levelOf } from './levels.ts';
import type { ContextFields, RateFields } from './model.ts';

/** While a link holds the rate down, the buffer is short: what it lets out at once waits before the slow link. */
const LIMITED_BUFFER_S = 0.4;

export const isLowLatency = ({ tune }: VideoSettings) => tune === 'zerolatency';

export const codecOf = ({ encoder }: VideoSettings): VideoCodec => describeEncoder(encoder).codec;

export function keyframeIntervalTicks({ keyframeIntervalS, frameRate }: VideoSettings): number {
  return Math.max(1, Math.round(keyframeIntervalS * frameRate));
}

/**
 * Rates of the decoder's buffer model: at opening, and again for another bitrate of the encoder that runs.
 * @param bitrateKbps below the settings' own it is a limit that a link imposes
 */
export function rateFields(settings: VideoSettings, bitrateKbps: number = settings.bitrateKbps): RateFields {
  const bitRate = bitrateKbps * 1_000;
  const bufferS = bitrateKbps < settings.bitrateKbps ? Math.min(LIMITED_BUFFER_S, settings.bufferS) : settings.bufferS;
  switch (settings.rateControl) {
    case 'cbr':
      return { bitRate, rcMaxRate: bitRate, rcBufferSize: Math.round(bitRate * bufferS) };
    case 'vbr': {
      const asked = (settings.maxBitrateKbps ?? 1.5 * settings.bitrateKbps) / settings.bitrateKbps;
      const rcMaxRate = Math.round(bitRate * Math.max(1, asked));
      return { bitRate, rcMaxRate, rcBufferSize: Math.round(rcMaxRate * bufferS) };
    }
    case 'abr':
      return { bitRate, rcMaxRate: 0, rcBufferSize: 0 };
    case 'cq': {
      const rcMaxRate = (settings.maxBitrateKbps ?? 0) * 1_000;
      return { bitRate: 0, rcMaxRate, rcBufferSize: Math.round(rcMaxRate * settings.bufferS) };
    }
    default:
      return settings.rateControl satisfies never;
  }
}

/** B-frames wait for the picture after them: none where latency counts. */
export function bFrames(settings: VideoSettings): number {
  return isLowLatency(settings) ? 0 : settings.bFrames;
}

/** As many as the codec lets a picture refer to (H.264 A.3.1: 16; H.265 7.4.7.2: 8; AV1 5.9.2: 7); null for the encoder's own. */
export function referenceFrames(settings: VideoSettings): number | null {
  const most = { h264: 16, hevc: 8, av1: 7 }[codecOf(settings)];
  return settings.referenceFrames && Math.min(most, settings.referenceFrames);
}

/** All fields with what most families want; a table says what differs. */
export function contextFields(settings: VideoSettings, more: Partial<ContextFields> = {}): ContextFields {
  return {
    ...rateFields(settings),
    pixelFormat: 'yuv420p',
    surfaceFormat: null,
    gopSize: keyframeIntervalTicks(settings),
    maxBFrames: bFrames(settings),
    threadCount: 0,
    refs: referenceFrames(settings),
    globalQuality: null,
    compressionLevel: null,
    flags: ['global_header', 'cgop'],
    ...more,
  };
}

/** Only the options that have a value. */
export function defined(options: Record<string, string | number | null | undefined | false>): Record<string, string> {
  const kept = Object.entries(options).filter(([, value]) => value !== null && value !== undefined && value !== false);
  return Object.fromEntries(kept.map(([name, value]) => [name, String(value)]));
}

/** @param rules a setting, why it would have no effect, and whether that is so */
export function ignoredSettings(rules: [setting: keyof VideoSettings, reason: IgnoredReason, ignored: boolean][]): IgnoredSetting[] {
  return rules.filter(([, , ignored]) => ignored).map(([setting, reason]) => ({ setting, reason }));
}

/** What low latency takes away in every family. */
export function latencyRules(settings: VideoSettings): [keyof VideoSettings, IgnoredReason, boolean][] {
  const low = isLowLatency(settings);
  return [
    ['bFrames', 'low-latency', low && settings.bFrames > 0],
    ['lookaheadFrames', 'low-latency', low && (settings.lookaheadFrames ?? 0) > 0],
  ];
}

export const levelRule = (settings: VideoSettings): [keyof VideoSettings, IgnoredReason, boolean] => [
  'level',
  'codec',
  settings.level !== null && levelOf(settings) === null,
];

/**
 * The profile that codec and bit depth leave of what was asked for; null for the encoder's own choice.
 * Ten bits need a profile that has them, and in H.264 hardware does without.
 */
export function profileOf(settings: VideoSettings, tenBit: boolean): string | null {
  switch (codecOf(settings)) {
    case 'h264':
      if (tenBit) return 'high10';
      return settings.profile === 'auto' || settings.profile === 'main10' ? null : settings.profile;
    case 'hevc':
      if (tenBit) return 'main10';
      return settings.profile === 'main' ? 'main' : null;
    case 'av1':
      return settings.profile === 'main' || settings.profile === 'main10' ? 'main' : null; // main has 8 and 10 bits
  }
}

/** Whether ten bits are encoded: asked for by the depth or by the profile, and within the encoder's reach. */
export function isTenBit(settings: VideoSettings, h264Too: boolean): boolean {
  return (settings.bitDepth === 10 || settings.profile === 'main10') && (h264Too || codecOf(settings) !== 'h264');
}

export function profileRules(settings: VideoSettings, tenBit: boolean): [keyof VideoSettings, IgnoredReason, boolean][] {
  const { profile, bitDepth } = settings;
  const h264 = codecOf(settings) === 'h264';
  return [
    ['bitDepth', 'encoder', bitDepth === 10 && !tenBit],
    ['profile', 'codec', h264 ? profile === 'main10' && !tenBit : profile === 'baseline' || profile === 'high'],
    [
      'profile',
      'codec',
      tenBit &&
        (h264 ? profile === 'baseline' || profile === 'main' || profile === 'high' : profile === 'main' && codecOf(settings) === 'hevc'),
    ],
  ];
}

/** x264's and AV1's scales differ in length: 0–51 onto 0–`max`. */
export const scaledQuality = ({ quality }: VideoSettings, max: number) => Math.round((quality * max) / 51);

/** Without constant quality, `quality` is not read by anyone and no one is told: it has a default. */
export const constantQuality = ({ rateControl }: VideoSettings) => rateControl === 'cq';

/** The families in hardware tune for quality or for latency alone. */
export const tuneRule = ({ tune }: VideoSettings): [keyof VideoSettings, IgnoredReason, boolean] => [
  'tune',
  'encoder',
  tune === 'film' || tune === 'animation',
];
