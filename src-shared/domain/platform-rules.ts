/**
 * What the platforms take, and what to do about settings that they do not. Pure; the interface has a text for every key.
 * Where every number comes from, and which could not be checked, is in docs/platform-rules.md.
 */
import { z } from 'zod';
import type { AudioSettings, VideoSettings } from './rendition.ts';
import { describeEncoder, type VideoCodec } from './video-encoder.ts';

/** whip: real-time rooms (WebRTC), such as Amazon IVS; custom: any other RTMP server */
export const RuledPlatform = z.enum(['twitch', 'youtube', 'facebook', 'whip', 'custom']);
export type RuledPlatform = z.infer<typeof RuledPlatform>;

export type PlatformIssueKey =
  | 'codec'
  | 'codecNegotiated'
  | 'size'
  | 'frameRate'
  | 'bitrate'
  | 'bitrateWasted'
  | 'quality'
  | 'keyframesLong'
  | 'keyframesShort'
  | 'bFrames'
  | 'profile'
  | 'bitDepth'
  | 'latency'
  | 'audioCodec'
  | 'audioBitrate'
  | 'audioMono';

export interface PlatformIssue {
  /** of the video's settings, or of the sound's */
  setting: keyof VideoSettings | `audio.${keyof AudioSettings}`;
  /** error: the platform refuses or breaks it; warning: it may, or viewers suffer; hint: it could be better */
  severity: 'error' | 'warning' | 'hint';
  key: PlatformIssueKey;
  /** what the text speaks of */
  values: Record<string, string | number>;
  /** what would make it right; null where only the user knows */
  suggestion: { video?: Partial<VideoSettings>; audio?: Partial<AudioSettings> } | null;
}

/** kbps for pictures of up to so many rows, at up to 30 fps and above */
type KbpsBySize = [rows: number, at30: number, at60: number][];

interface Rules {
  codecs: VideoCodec[];
  /** takes others than H.264 only over enhanced RTMP, which the server is asked about when the show begins */
  negotiated: boolean;
  /** of the video; null where the platform does not say */
  maxKbps: number | null;
  /** of the video, what the platform's own encoding makes use of at a size; `slack`: so much more is passed over in silence */
  enough: { codecs: VideoCodec[]; slack: number; kbps: KbpsBySize }[];
  /** the most rows of a picture; null: no limit */
  maxRows: number | null;
  maxFrameRate: number | null;
  keyframesS: { min: number; max: number; best: number } | null;
  bFrames: boolean;
  /** of H.264; null: any */
  profiles: VideoSettings['profile'][] | null;
  tenBit: boolean;
  lowLatency: boolean;
  audioCodecs: AudioSettings['codec'][];
  maxAudioKbps: number | null;
  /** asks for two channels */
  stereo: boolean;
}

const LIVE_VIDEO: Rules = {
  codecs: ['h264'],
  negotiated: false,
  maxKbps: null,
  enough: [],
  maxRows: null,
  maxFrameRate: 60,
  keyframesS: { min: 0.5, max: 4, best: 2 },
  bFrames: true,
  profiles: null,
  tenBit: false,
  lowLatency: false,
  audioCodecs: ['aac'],
  maxAudioKbps: null,
  stereo: false,
};

/** "Choose live encoder settings, bitrates, and resolutions": what YouTube recommends for H.264 */
const YOUTUBE_H264: KbpsBySize = [
  [720, 4_000, 6_000],
  [1_080, 10_000, 12_000],
  [1_440, 15_000, 24_000],
  [2_160, 30_000, 35_000],
];

/** the same page: the maximum for AV1 and H.265 */
const YOUTUBE_AV1_HEVC: KbpsBySize = [
  [720, 8_000, 8_000],
  [1_080, 8_000, 10_000],
  [1_440, 25_000, 30_000],
  [2_160, 35_000, 40_000],
];

/** "Live Video API, Reference": the end of Meta's range of every size */
const FACEBOOK_H264: KbpsBySize = [
  [360, 1_000, 1_000],
  [480, 2_000, 2_000],
  [720, 4_000, 6_000],
  [1_080, 6_000, 9_000],
];

export const PLATFORM_RULES: Record<RuledPlatform, Rules> = {
  /**
   * Twitch Creator Camp, "Broadcast Recommendations" (read in 2026): H.264 and AAC-LC, at most 320 kbps of sound,
   * stereo or mono, of 44.1 or 48 kHz. Twitch Help,
   * "Broadcast Requirements" (2017): 3 to 6 Mbps, keyframes every 2 s, up to 60 fps. 1080p is not confirmed.
   */
  twitch: { ...LIVE_VIDEO, maxKbps: 6_000, maxRows: 1_080, keyframesS: { min: 1, max: 2, best: 2 }, maxAudioKbps: 320 },
  /**
   * YouTube Help, "Choose live encoder settings, bitrates, and resolutions" (read in 2026): H.264, H.265, AV1, 60 fps. The most
   * of the video is that of OBS Studio's service list. Keyframes at most every 4 s and 384 kbps of sound are not confirmed.
   */
  youtube: {
    ...LIVE_VIDEO,
    codecs: ['h264', 'hevc', 'av1'],
    negotiated: true,
    maxKbps: 51_000,
    enough: [
      { codecs: ['h264'], slack: 1.25, kbps: YOUTUBE_H264 },
      { codecs: ['hevc', 'av1'], slack: 1, kbps: YOUTUBE_AV1_HEVC },
    ],
    maxAudioKbps: 384,
  },
  /**
   * Meta for Developers, "Live Video API, Reference" (2026): H.264 and AAC-LC, 1080p60 at 9,000 kbps at most, keyframes every 2 s
   * and never further apart than 4, sound of 128 kbps "preferred" to 256 "do not exceed", stereo, 44.1 or 48 kHz.
   */
  facebook: {
    ...LIVE_VIDEO,
    maxKbps: 9_000,
    enough: [{ codecs: ['h264'], slack: 1, kbps: FACEBOOK_H264 }],
    maxRows: 1_080,
    maxAudioKbps: 256,
    stereo: true,
  },
  /**
   * Amazon IVS Real-Time Streaming User Guide, "IVS Stream Ingest", supported media specifications (read in 2026): H.264 baseline without
   * B-frames, an IDR every 1 or 2 s, 10 to 60 fps, 720p, 8.5 Mbps; Opus of at most 160 kbps, mono or
   * stereo.
   */
  whip: {
    ...LIVE_VIDEO,
    maxKbps: 8_500,
    maxRows: 720,
    keyframesS: { min: 1, max: 2, best: 1 },
    bFrames: false,
    profiles: ['baseline'],
    lowLatency: true,
    audioCodecs: ['opus'],
    maxAudioKbps: 160,
  },
  /** nothing is known of it, but that HEVC, AV1 and Opus need enhanced RTMP there */
  custom: {
    ...LIVE_VIDEO,
    codecs: ['h264', 'hevc', 'av1'],
    negotiated: true,
    maxFrameRate: null,
    keyframesS: null,
    tenBit: true,
    audioCodecs: ['aac', 'he-aac', 'opus'],
  },
};

export type ShowKind = 'talk' | 'game' | 'music';

/**
 * 128 kbps is what Twitch and Meta recommend, 256 the most that Meta takes; 160 lies between, and is the most of Amazon IVS.
 * What FFmpeg's AAC encoder needs for which sound is a judgement: no listening test of it is cited here. A microphone has one
 * channel, which then gets all bits. 48,000 Hz always: the studio mixes at that, and another rate only costs.
 */
export const AUDIO_FOR_SHOW: Record<ShowKind, AudioSettings> = {
  talk: { codec: 'aac', bitrateKbps: 128, sampleRateHz: 48_000, channels: 1 },
  game: { codec: 'aac', bitrateKbps: 160, sampleRateHz: 48_000, channels: 2 },
  music: { codec: 'aac', bitrateKbps: 256, sampleRateHz: 48_000, channels: 2 },
};

/** The kind's values within what the platforms take. */
export function recommendedAudio(kind: ShowKind, platforms: readonly RuledPlatform[]): AudioSettings {
  const { codec, bitrateKbps, sampleRateHz, channels } = AUDIO_FOR_SHOW[kind];
  const most = platforms.map((platform) => PLATFORM_RULES[platform].maxAudioKbps ?? Number.POSITIVE_INFINITY);
  const opus = platforms.length > 0 && platforms.every((platform) => !PLATFORM_RULES[platform].audioCodecs.includes(codec));
  const stereo = platforms.some((platform) => PLATFORM_RULES[platform].stereo);
  return {
    codec: opus ? 'opus' : codec,
    bitrateKbps: Math.min(bitrateKbps, ...most),
    sampleRateHz,
    channels: stereo ? 2 : channels,
  };
}

/** Everything of these settings that the platform minds, in the order of the settings. */
export function validateForPlatform(platform: RuledPlatform, video: VideoSettings, audio: AudioSettings): PlatformIssue[] {
  const rules = PLATFORM_RULES[platform];
  return [
    ...codecIssues(rules, video),
    ...pictureIssues(rules, video),
    ...rateIssues(platform, rules, video),
    ...keyframeIssues(rules, video),
    ...frameIssues(rules, video),
    ...audioIssues(rules, audio),
  ];
}

function codecIssues({ codecs, negotiated }: Rules, { codec, encoder }: VideoSettings): PlatformIssue[] {
  const values = { codec };
  if (!codecs.includes(codec)) {
    const { family, hardware } = describeEncoder(encoder);
    const h264 = hardware ? (`h264_${family}` as VideoSettings['encoder']) : 'libx264';
    return [{ setting: 'codec', severity: 'error', key: 'codec', values, suggestion: { video: { codec: 'h264', encoder: h264 } } }];
  }
  if (codec === 'h264' || !negotiated) return [];
  return [{ setting: 'codec', severity: 'hint', key: 'codecNegotiated', values, suggestion: null }];
}

function pictureIssues({ maxRows, maxFrameRate }: Rules, video: VideoSettings): PlatformIssue[] {
  const issues: PlatformIssue[] = [];
  const rows = Math.min(video.widthPx, video.heightPx); // an upright picture is one on its side
  if (maxRows !== null && rows > maxRows) {
    const scale = maxRows / rows;
    const even = (px: number) => 2 * Math.round((px * scale) / 2);
    const suggestion = { video: { widthPx: even(video.widthPx), heightPx: even(video.heightPx) } };
    issues.push({ setting: 'heightPx', severity: 'warning', key: 'size', values: { rows: maxRows }, suggestion });
  }
  if (maxFrameRate !== null && video.frameRate > maxFrameRate) {
    const suggestion = { video: { frameRate: maxFrameRate } };
    issues.push({ setting: 'frameRate', severity: 'error', key: 'frameRate', values: { frameRate: maxFrameRate }, suggestion });
  }
  return issues;
}

function rateIssues(platform: RuledPlatform, rules: Rules, video: VideoSettings): PlatformIssue[] {
  const { maxKbps } = rules;
  const { rateControl, bitrateKbps } = video;
  if (rateControl === 'cq') {
    const suggestion = { video: { rateControl: 'cbr' } } as const;
    const severity = platform === 'custom' ? 'hint' : 'warning';
    return [{ setting: 'rateControl', severity, key: 'quality', values: {}, suggestion }];
  }
  if (maxKbps !== null && bitrateKbps > maxKbps) {
    const suggestion = { video: { bitrateKbps: maxKbps } };
    return [{ setting: 'bitrateKbps', severity: 'error', key: 'bitrate', values: { kbps: maxKbps }, suggestion }];
  }
  const enough = enoughKbps(rules, video);
  if (enough === null || bitrateKbps <= enough.slack * enough.kbps) return [];
  const suggestion = { video: { bitrateKbps: enough.kbps } };
  return [{ setting: 'bitrateKbps', severity: 'hint', key: 'bitrateWasted', values: { kbps: enough.kbps }, suggestion }];
}

function enoughKbps({ enough }: Rules, { widthPx, heightPx, frameRate, codec }: VideoSettings): { kbps: number; slack: number } | null {
  const rows = Math.min(widthPx, heightPx);
  const table = enough.find(({ codecs }) => codecs.includes(codec));
  const row = table?.kbps.find(([most]) => rows <= most);
  return table && row ? { kbps: frameRate > 30 ? row[2] : row[1], slack: table.slack } : null;
}

function keyframeIssues({ keyframesS }: Rules, { keyframeIntervalS }: VideoSettings): PlatformIssue[] {
  if (!keyframesS) return [];
  const { min, max, best } = keyframesS;
  const suggestion = { video: { keyframeIntervalS: best } };
  if (keyframeIntervalS > max)
    return [{ setting: 'keyframeIntervalS', severity: 'warning', key: 'keyframesLong', values: { seconds: max }, suggestion }];
  if (keyframeIntervalS < min)
    return [{ setting: 'keyframeIntervalS', severity: 'hint', key: 'keyframesShort', values: { seconds: min }, suggestion }];
  return [];
}

function frameIssues({ bFrames, profiles, tenBit, lowLatency }: Rules, video: VideoSettings): PlatformIssue[] {
  const issues: PlatformIssue[] = [];
  if (!bFrames && video.bFrames > 0 && video.tune !== 'zerolatency')
    issues.push({ setting: 'bFrames', severity: 'error', key: 'bFrames', values: {}, suggestion: { video: { bFrames: 0 } } });
  if (lowLatency && video.tune !== 'zerolatency')
    issues.push({ setting: 'tune', severity: 'warning', key: 'latency', values: {}, suggestion: { video: { tune: 'zerolatency' } } });
  const [profile] = profiles ?? [];
  if (profile && video.codec === 'h264' && !profiles?.includes(video.profile))
    issues.push({ setting: 'profile', severity: 'warning', key: 'profile', values: { profile }, suggestion: { video: { profile } } });
  if (!tenBit && (video.bitDepth === 10 || video.profile === 'main10')) {
    const suggestion = { video: { bitDepth: 8, profile: video.profile === 'main10' ? 'auto' : video.profile } } as const;
    issues.push({ setting: 'bitDepth', severity: 'error', key: 'bitDepth', values: {}, suggestion });
  }
  return issues;
}

function audioIssues({ audioCodecs, maxAudioKbps, stereo }: Rules, audio: AudioSettings): PlatformIssue[] {
  const issues: PlatformIssue[] = [];
  const [codec] = audioCodecs;
  if (codec && !audioCodecs.includes(audio.codec))
    issues.push({
      setting: 'audio.codec',
      severity: 'error',
      key: 'audioCodec',
      values: { codec: audio.codec, instead: codec },
      suggestion: { audio: { codec, ...(codec === 'opus' ? { sampleRateHz: 48_000 } : {}) } },
    });
  if (maxAudioKbps !== null && audio.bitrateKbps > maxAudioKbps) {
    const suggestion = { audio: { bitrateKbps: maxAudioKbps } };
    issues.push({ setting: 'audio.bitrateKbps', severity: 'warning', key: 'audioBitrate', values: { kbps: maxAudioKbps }, suggestion });
  }
  if (stereo && audio.channels === 1)
    issues.push({
      setting: 'audio.channels',
      severity: 'warning',
      key: 'audioMono',
      values: {},
      suggestion: { audio: { channels: 2 } },
    });
  return issues;
}
