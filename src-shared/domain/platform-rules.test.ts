import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type PlatformIssue, RuledPlatform, recommendedAudio, validateForPlatform } from './platform-rules.ts';
import { AudioSettings, VideoSettings } from './rendition.ts';

const video = (change: Partial<VideoSettings> = {}) =>
  VideoSettings.parse({ widthPx: 1_280, heightPx: 720, frameRate: 30, bitrateKbps: 2_500, ...change });
const audio = (change: Partial<AudioSettings> = {}) => AudioSettings.parse({ bitrateKbps: 128, ...change });
const issues = (platform: RuledPlatform, change: Partial<VideoSettings> = {}, sound: Partial<AudioSettings> = {}) =>
  validateForPlatform(platform, video(change), audio(sound)).map(({ key, severity }) => `${key}: ${severity}`);

test.each(['twitch', 'youtube', 'facebook', 'custom'] as const)('%s takes what a new profile has', (platform) => {
  expect(issues(platform)).toEqual([]);
});

describe.each<[RuledPlatform, Partial<VideoSettings>, string[]]>([
  ['twitch', { bitrateKbps: 6_000 }, []],
  ['twitch', { bitrateKbps: 6_001 }, ['bitrate: error']],
  ['twitch', { codec: 'hevc', encoder: 'libx265' }, ['codec: error']],
  ['twitch', { keyframeIntervalS: 4 }, ['keyframesLong: warning']],
  ['twitch', { keyframeIntervalS: 0.5 }, ['keyframesShort: hint']],
  ['twitch', { widthPx: 2_560, heightPx: 1_440 }, ['size: warning']],
  ['twitch', { frameRate: 120 }, ['frameRate: error']],
  ['twitch', { bFrames: 2, tune: 'none' }, []],
  ['twitch', { rateControl: 'cq' }, ['quality: warning']],
  ['twitch', { profile: 'main10' }, ['bitDepth: error']],
  ['youtube', { codec: 'av1', encoder: 'libsvtav1' }, ['codecNegotiated: hint']],
  ['youtube', { keyframeIntervalS: 5 }, ['keyframesLong: warning']],
  ['youtube', { widthPx: 1_920, heightPx: 1_080, frameRate: 60, bitrateKbps: 12_000 }, []],
  ['youtube', { bitrateKbps: 8_000 }, ['bitrateWasted: hint']],
  ['youtube', { bitrateKbps: 60_000 }, ['bitrate: error']],
  ['youtube', { codec: 'hevc', encoder: 'libx265', bitrateKbps: 8_000 }, ['codecNegotiated: hint']],
  ['youtube', { codec: 'hevc', encoder: 'libx265', bitrateKbps: 8_001 }, ['codecNegotiated: hint', 'bitrateWasted: hint']],
  ['facebook', { bitrateKbps: 4_001 }, ['bitrateWasted: hint']],
  ['facebook', { bitrateKbps: 4_001, frameRate: 60 }, []],
  ['facebook', { keyframeIntervalS: 4 }, []],
  ['facebook', { keyframeIntervalS: 5 }, ['keyframesLong: warning']],
  ['facebook', { bitrateKbps: 9_500 }, ['bitrate: error']],
  ['whip', { profile: 'baseline' }, ['audioCodec: error']],
  [
    'whip',
    { widthPx: 1_920, heightPx: 1_080, tune: 'none', bFrames: 2, keyframeIntervalS: 4 },
    ['size: warning', 'keyframesLong: warning', 'bFrames: error', 'latency: warning', 'profile: warning', 'audioCodec: error'],
  ],
  ['custom', { keyframeIntervalS: 10, bitrateKbps: 60_000, frameRate: 120, bitDepth: 10 }, []],
  ['custom', { codec: 'hevc', encoder: 'libx265' }, ['codecNegotiated: hint']],
])('%s %j', (platform, change, expected) => {
  test(expected.join(', ') || 'is as it should be', () => expect(issues(platform, change)).toEqual(expected));
});

test.each<[RuledPlatform, Partial<AudioSettings>, string[]]>([
  ['twitch', { codec: 'opus' }, ['audioCodec: error']],
  ['twitch', { bitrateKbps: 384 }, ['audioBitrate: warning']],
  ['facebook', { bitrateKbps: 256 }, []],
  ['facebook', { bitrateKbps: 257 }, ['audioBitrate: warning']],
  ['facebook', { channels: 1, sampleRateHz: 44_100 }, ['audioMono: warning']],
  ['twitch', { channels: 1, sampleRateHz: 44_100 }, []],
  ['custom', { codec: 'opus', bitrateKbps: 512 }, []],
])('%s %j', (platform, sound, expected) => expect(issues(platform, {}, sound)).toEqual(expected));

test('an upright picture is measured on its side', () => {
  expect(issues('twitch', { widthPx: 1_080, heightPx: 1_920 })).toEqual([]);
  const [issue] = validateForPlatform('whip', video({ widthPx: 1_080, heightPx: 1_920 }), audio({ codec: 'opus' }));
  expect(issue?.suggestion).toEqual({ video: { widthPx: 720, heightPx: 1_280 } });
});

test('another codec is suggested with the same graphics card', () => {
  const suggested = (encoder: VideoSettings['encoder']) =>
    validateForPlatform('twitch', video({ codec: 'hevc', encoder }), audio())[0]?.suggestion?.video?.encoder;
  expect(suggested('hevc_nvenc')).toBe('h264_nvenc');
  expect(suggested('libx265')).toBe('libx264');
});

test('property: following the advice leaves no error and no warning, and the settings are valid', () => {
  const settings = fc.record({
    size: fc.constantFrom([1_280, 720], [1_920, 1_080], [3_840, 2_160], [1_080, 1_920], [854, 480]),
    frameRate: fc.constantFrom(24, 30, 60, 120),
    bitrateKbps: fc.integer({ min: 50, max: 100_000 }),
    keyframeIntervalS: fc.double({ min: 0.2, max: 10, noNaN: true }),
    bFrames: fc.integer({ min: 0, max: 4 }),
    encoder: fc.constantFrom(['h264', 'libx264'], ['hevc', 'hevc_nvenc'], ['av1', 'libsvtav1']),
    rateControl: fc.constantFrom('cbr', 'vbr', 'abr', 'cq'),
    tune: fc.constantFrom('none', 'zerolatency'),
    profile: fc.constantFrom('auto', 'baseline', 'high', 'main10'),
    bitDepth: fc.constantFrom(8, 10),
  });
  const sound = fc.record({
    codec: fc.constantFrom('aac', 'he-aac', 'opus'),
    bitrateKbps: fc.integer({ min: 32, max: 512 }),
    sampleRateHz: fc.constantFrom(44_100, 48_000),
    channels: fc.constantFrom(1, 2),
  });
  fc.assert(
    fc.property(fc.constantFrom(...RuledPlatform.options), settings, sound, (platform, { size, encoder, ...rest }, heard) => {
      let [picture, heardNow] = [
        VideoSettings.parse({ ...rest, widthPx: size[0], heightPx: size[1], codec: encoder[0], encoder: encoder[1] }),
        AudioSettings.parse(heard.codec === 'opus' ? { ...heard, sampleRateHz: 48_000 } : heard),
      ];
      const serious = (found: PlatformIssue[]) => found.filter(({ severity }) => severity !== 'hint');
      for (let round = 0; round < 3; round++) {
        for (const { suggestion } of serious(validateForPlatform(platform, picture, heardNow))) {
          picture = VideoSettings.parse({ ...picture, ...suggestion?.video });
          heardNow = AudioSettings.parse({ ...heardNow, ...suggestion?.audio });
        }
      }
      expect(serious(validateForPlatform(platform, picture, heardNow))).toEqual([]);
    }),
  );
});

test.each([
  ['talk', [], 'aac', 128, 1],
  ['talk', ['twitch', 'facebook'], 'aac', 128, 2],
  ['game', ['twitch'], 'aac', 160, 2],
  ['music', ['twitch'], 'aac', 256, 2],
  ['music', ['twitch', 'facebook'], 'aac', 256, 2],
  ['music', ['whip'], 'opus', 160, 2],
] as const)('sound of a %s show to %j', (kind, platforms, codec, bitrateKbps, channels) => {
  const recommended = recommendedAudio(kind, platforms);
  expect(recommended).toEqual({ codec, bitrateKbps, sampleRateHz: 48_000, channels });
  for (const platform of platforms) {
    const minded = validateForPlatform(platform, video(), recommended).filter(({ setting }) => setting.startsWith('audio.'));
    expect(minded).toEqual([]);
  }
});
