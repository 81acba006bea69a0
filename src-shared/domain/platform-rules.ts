/** What the platforms take, and what to do about settings that they do not. Pure; the interface has a text for every key. */
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
  | 'audioBitrate';

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

interface Rules {
  codecs: VideoCodec[];
  /** takes others than H.264 only over enhanced RTMP, which the server is asked about when the show begins */
  negotiated: boolean;
  /** of the video; null where the platform does not say */
  maxKbps: number | null;
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
}

const LIVE_VIDEO: Rules = {
  codecs: ['h264'],
  negotiated: false,
  maxKbps: null,
  maxRows: null,
  maxFrameRate: 60,
  keyframesS: { min: 0.5, max: 4, best: 2 },
  bFrames: true,
  profiles: null,
  tenBit: false,
  lowLatency: false,
  audioCodecs: ['aac'],
  maxAudioKbps: null,
};

export const PLATFORM_RULES: Record<RuledPlatform, Rules> = {
  /** Twitch, "Broadcasting Guidelines": 6,000 kbps and 320 kbps of sound, keyframes every 2 s, 60 fps, 1080p, H.264 up to High */
  twitch: { ...LIVE_VIDEO, maxKbps: 6_000, maxRows: 1_080, keyframesS: { min: 1, max: 2, best: 2 }, maxAudioKbps: 320 },
  /** YouTube Help, "Choose live encoder settings, bitrates and resolutions": keyframes at most every 4 s, 60 fps, HEVC and AV1 too */
  youtube: { ...LIVE_VIDEO, codecs: ['h264', 'hevc', 'av1'], negotiated: true, maxKbps: 51_000, maxAudioKbps: 384 },
  /** Meta, "Live video: video and stream requirements": 9,000 kbps, 1080p, 60 fps, keyframes every 2 s, sound of 128 kbps */
  facebook: { ...LIVE_VIDEO, maxKbps: 9_000, maxRows: 1_080, maxAudioKbps: 128 },
  /** Amazon IVS, "Real-time streaming: WHIP": H.264 baseline without B-frames, an IDR every 1 or 2 s, 720p, 8.5 Mbps; Opus (RFC 7874) */
  whip: {
    ...LIVE_VIDEO,
    maxKbps: 8_500,
    maxRows: 720,
    keyframesS: { min: 1, max: 2, best: 1 },
    bFrames: false,
    profiles: ['baseline'],
    lowLatency: true,
    audioCodecs: ['opus'],
    maxAudioKbps: 128,
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

/** What YouTube recommends for H.264 at up to 30 and at 60 fps, in kbps, by rows; HEVC and AV1 need 40 % less. */
const YOUTUBE_KBPS: [rows: number, at30: number, at60: number][] = [
  [360, 1_500, 1_500],
  [480, 2_500, 2_500],
  [720, 4_000, 6_000],
  [1_080, 10_000, 12_000],
  [1_440, 15_000, 24_000],
  [2_160, 30_000, 35_000],
];

export type ShowKind = 'talk' | 'game' | 'music';

/** AAC-LC is transparent for music from about 192 kbps on (EBU Tech 3324); speech needs half of it. */
export const AUDIO_FOR_SHOW: Record<ShowKind, AudioSettings> = {
  talk: { codec: 'aac', bitrateKbps: 128 },
  game: { codec: 'aac', bitrateKbps: 160 },
  music: { codec: 'aac', bitrateKbps: 256 },
};

/** The kind's values within what the platforms take. */
export function recommendedAudio(kind: ShowKind, platforms: readonly RuledPlatform[]): AudioSettings {
  const { codec, bitrateKbps } = AUDIO_FOR_SHOW[kind];
  const most = platforms.map((platform) => PLATFORM_RULES[platform].maxAudioKbps ?? Number.POSITIVE_INFINITY);
  const opus = platforms.length > 0 && platforms.every((platform) => !PLATFORM_RULES[platform].audioCodecs.includes(codec));
  return { codec: opus ? 'opus' : codec, bitrateKbps: Math.min(bitrateKbps, ...most) };
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

function rateIssues(platform: RuledPlatform, { maxKbps }: Rules, video: VideoSettings): PlatformIssue[] {
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
  const enough = platform === 'youtube' ? youtubeKbps(video) : null;
  if (enough === null || bitrateKbps <= 1.25 * enough) return [];
  const suggestion = { video: { bitrateKbps: enough } };
  return [{ setting: 'bitrateKbps', severity: 'hint', key: 'bitrateWasted', values: { kbps: enough }, suggestion }];
}

function youtubeKbps({ widthPx, heightPx, frameRate, codec }: VideoSettings): number | null {
  const rows = Math.min(widthPx, heightPx);
  const row = YOUTUBE_KBPS.find(([most]) => rows <= most);
  if (!row) return null;
  const [, at30, at60] = row;
  return (frameRate > 30 ? at60 : at30) * (codec === 'h264' ? 1 : 0.6);
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

function audioIssues({ audioCodecs, maxAudioKbps }: Rules, audio: AudioSettings): PlatformIssue[] {
  const issues: PlatformIssue[] = [];
  const [codec] = audioCodecs;
  if (codec && !audioCodecs.includes(audio.codec))
    issues.push({
      setting: 'audio.codec',
      severity: 'error',
      key: 'audioCodec',
      values: { codec: audio.codec, instead: codec },
      suggestion: { audio: { codec } },
    });
  if (maxAudioKbps !== null && audio.bitrateKbps > maxAudioKbps) {
    const suggestion = { audio: { bitrateKbps: maxAudioKbps } };
    issues.push({ setting: 'audio.bitrateKbps', severity: 'warning', key: 'audioBitrate', values: { kbps: maxAudioKbps }, suggestion });
  }
  return issues;
}
