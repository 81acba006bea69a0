import { expect, test } from 'vitest';
import { Destination } from './destination.ts';
import { OwnVideo, plannedEncodes, renditionOf, withOwn } from './own-video.ts';
import { DEFAULT_PROFILE } from './profile.ts';

const upright = OwnVideo.parse({ widthPx: 1_080, heightPx: 1_920, frameRate: 29.97, bitrateKbps: 4_000, fit: 'cover' });
const to = (id: string, video: OwnVideo | null) =>
  Destination.parse({ id, name: id, kind: 'rtmp', url: 'rtmp://host/live', enabled: true, video });

test('who wants the same shares an encode', () => {
  const encodes = plannedEncodes(DEFAULT_PROFILE.video, [to('a', null), to('b', upright), to('c', null), to('d', { ...upright })]);
  expect(encodes.map(({ id, destinations }) => [id, destinations.map(({ name }) => name)])).toEqual([
    ['stream', ['a', 'c']],
    ['1080x1920at29_97-libx264-4000-cover', ['b', 'd']],
  ]);
  expect(encodes[1]?.video).toMatchObject({ ...upright, preset: DEFAULT_PROFILE.video.preset });
});

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
