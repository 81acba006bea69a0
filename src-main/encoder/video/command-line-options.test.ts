import { expect, test } from 'vitest';
import { VideoSettings } from '../../../src-shared/domain/rendition.ts';
import { deviceArguments, encoderArguments } from './command-line-options.ts';
import { frameRateFraction } from './frame-rate.ts';

const settings = (video: Partial<VideoSettings>) =>
  VideoSettings.parse({ widthPx: 1_280, heightPx: 720, frameRate: 30, bitrateKbps: 2_500, ...video });

/** The value after an option's name. */
function option(name: string, video: Partial<VideoSettings>): string | undefined {
  const all = encoderArguments(settings(video));
  const at = all.indexOf(`-${name}`);
  return at < 0 ? undefined : all[at + 1];
}

test('what a context would be given and what are options become arguments alike', () => {
  expect(encoderArguments(settings({})).slice(0, 2)).toEqual(['-c:v', 'libx264']);
  expect(option('b:v', {})).toBe('2500000');
  expect(option('maxrate', {})).toBe('2500000');
  expect(option('bufsize', { bufferS: 0.5 })).toBe('1250000');
  expect(option('g', { keyframeIntervalS: 1 })).toBe('30');
  expect(option('forced-idr', {})).toBe('1');
  expect(option('pix_fmt', { bitDepth: 10 })).toBe('yuv420p10le');
  expect(option('flags', {})).toContain('+global_header');
});

test('no maximum is no argument, since 0 would be one', () => {
  expect(option('maxrate', { rateControl: 'abr' })).toBeUndefined();
  expect(option('bufsize', { rateControl: 'abr' })).toBeUndefined();
  expect(option('refs', {})).toBeUndefined();
});

test('pictures of another size are scaled, before they become surfaces', () => {
  const source = { widthPx: 1_920, heightPx: 1_080 };
  expect(encoderArguments(settings({}), source)).toContain('scale=1280:720:flags=bicubic');
  const surfaces = encoderArguments(settings({ encoder: 'h264_vaapi' }), source);
  expect(surfaces).toContain('scale=1280:720:flags=bicubic,format=nv12,hwupload');
});

test('pictures of another shape are cropped or get bars', () => {
  const upright = { widthPx: 180, heightPx: 320 };
  const source = { widthPx: 320, heightPx: 180 };
  const filters = (fit: VideoSettings['fit']) => encoderArguments(settings({ ...upright, fit }), source);
  expect(filters('contain')).toContain('crop=320:180:0:0,scale=180:102:flags=bicubic,pad=180:320:0:108:black');
  expect(filters('cover')).toContain('crop=102:180:108:0,scale=180:320:flags=bicubic,pad=180:320:0:0:black');
});

test('surfaces are made by a filter, on a device', () => {
  const video: Partial<VideoSettings> = { codec: 'hevc', encoder: 'hevc_vaapi', bitDepth: 10 };
  expect(option('vf', video)).toBe('format=p010le,hwupload');
  expect(option('pix_fmt', video)).toBeUndefined();
  expect(deviceArguments(settings(video))).toContain('-init_hw_device');
  expect(deviceArguments(settings({}))).toEqual([]);
});

test.each([
  [30, 30, 1],
  [29.97, 30_000, 1_001],
  [23.976, 24_000, 1_001],
  [59.94, 60_000, 1_001],
  [12.5, 12_500, 1_000],
])('%d pictures a second are %i/%i', (rate, num, den) => {
  expect(frameRateFraction(rate)).toEqual({ num, den });
});
