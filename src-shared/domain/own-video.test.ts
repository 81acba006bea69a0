import { expect, test } from 'vitest';
import { OwnVideo, renditionOf, withOwn } from './own-video.ts';
import { DEFAULT_PROFILE } from './profile.ts';

const upright = OwnVideo.parse({ widthPx: 1_080, heightPx: 1_920, frameRate: 29.97, bitrateKbps: 4_000, fit: 'cover' });

test.each<[string, Partial<OwnVideo>]>([
  ['size', { heightPx: 1_280 }],
  ['frame rate', { frameRate: 30 }],
  ['bitrate', { bitrateKbps: 3_999 }],
  ['encoder', { encoder: 'libx265' }],
  ['fit', { fit: 'contain' }],
])('another %s is another encode', (_, change) => {
  expect(renditionOf({ ...upright, ...change })).not.toBe(renditionOf(upright));
});

test('the longest name of an encode is one', () => {
  const longest = {
    ...upright,
    widthPx: 7_680,
    heightPx: 4_320,
    encoder: 'hevc_videotoolbox',
    bitrateKbps: 100_000,
    fit: 'contain',
  } as const;
  expect(renditionOf(longest)).toContain('hevc_videotoolbox');
});

test('another codec leaves profile and depth to its encoder; another size the level', () => {
  const show = { ...DEFAULT_PROFILE.video, profile: 'high' as const, level: '3.1', bitDepth: 10 as const };
  expect(withOwn(show, upright)).toMatchObject({ profile: 'high', level: null, bitDepth: 10, codec: 'h264' });
  expect(withOwn(show, { ...upright, encoder: 'libsvtav1' })).toMatchObject({ profile: 'auto', level: null, bitDepth: 8, codec: 'av1' });
  expect(withOwn(show, null)).toBe(show);
});
