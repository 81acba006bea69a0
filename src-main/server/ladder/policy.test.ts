import { expect, test } from 'vitest';
import { affordable, decodeCores, rungCores, rungsFor, type SourcePicture } from './policy.ts';

const source = (widthPx: number, heightPx: number, change: Partial<SourcePicture> = {}): SourcePicture => ({
  codec: 'h264',
  widthPx,
  heightPx,
  frameRate: 30,
  bitrateKbps: null,
  ...change,
});
const sizes = (picture: SourcePicture) =>
  rungsFor(picture).map(({ name, video }) => `${name} ${video.widthPx}x${video.heightPx} ${video.bitrateKbps}`);

test.each([
  ['1080p', source(1920, 1080), ['720p 1280x720 2500', '480p 854x480 1200', '360p 640x360 700']],
  ['720p', source(1280, 720), ['480p 854x480 1200', '360p 640x360 700', '240p 426x240 350']],
  ['4K', source(3840, 2160), ['1080p 1920x1080 4500', '720p 1280x720 2500', '480p 854x480 1200']],
  ['upright', source(1080, 1920), ['720p 720x1280 2500', '480p 480x854 1200', '360p 360x640 700']],
  ['small', source(426, 240), []],
  ['hardly larger than a step', source(880, 500), ['360p 634x360 700', '240p 422x240 350']],
  ['60 fps', source(1280, 720, { frameRate: 60 }), ['480p 854x480 1800', '360p 640x360 1050', '240p 426x240 525']],
  ['a low rate', source(1280, 720, { bitrateKbps: 800 }), ['480p 854x480 560', '360p 640x360 392', '240p 426x240 274']],
  [
    'HEVC: one of the same size, for browsers without it',
    source(1920, 1080, { codec: 'hevc', bitrateKbps: 2_000 }),
    ['1080p 1920x1080 3000', '720p 1280x720 2100', '480p 854x480 1200', '360p 640x360 700'],
  ],
  ['AV1 of a size that is no step', source(640, 400, { codec: 'av1' }), ['400p 640x400 820', '360p 576x360 574', '240p 384x240 350']],
])('%s', (_, picture, expected) => {
  expect(sizes(picture)).toEqual(expected);
});

test('never above the source, each rung clearly below the one above it', () => {
  for (let heightPx = 64; heightPx <= 4_320; heightPx += 46) {
    for (const bitrateKbps of [null, 300, 3_000, 20_000]) {
      const picture = source(2 * Math.round((heightPx * 8) / 9), heightPx, { bitrateKbps });
      const rungs = rungsFor(picture);
      expect(rungs.length).toBeLessThanOrEqual(3);
      rungs.forEach(({ video }, i) => {
        const above = rungs[i - 1]?.video ?? { ...picture, bitrateKbps: Math.max(215, bitrateKbps ?? 1e9) };
        expect(video.heightPx).toBeLessThan(above.heightPx);
        expect(video.bitrateKbps).toBeLessThanOrEqual(Math.max(150, above.bitrateKbps * 0.7 + 1));
      });
    }
  }
});

test('the codec is named as the encoder will name it', () => {
  expect(rungsFor(source(1920, 1080)).map(({ codecString, video }) => `${codecString} ${video.level}`)).toEqual([
    'avc1.4d401f 3.1',
    'avc1.4d401f 3.1',
    'avc1.4d401e 3.0',
  ]);
});

test('what a machine can make: from the smallest up, and one is always tried', () => {
  const picture = source(1920, 1080);
  const rungs = rungsFor(picture);
  const names = (cores: number) => affordable(rungs, picture, cores).map(({ name }) => name);
  expect(names(4)).toEqual(['720p', '480p', '360p']);
  expect(names(1)).toEqual(['480p', '360p']);
  expect(names(0)).toEqual(['360p']);
  expect(affordable([], picture, 4)).toEqual([]);
});

test('of what browsers may not play the stand-in comes first, where it fits', () => {
  const picture = source(1280, 720, { codec: 'hevc' });
  const names = (cores: number) => affordable(rungsFor(picture), picture, cores).map(({ name }) => name);
  expect(names(4)).toEqual(['720p', '480p', '360p', '240p']);
  expect(names(1)).toEqual(['720p', '240p']);
  expect(names(0.5)).toEqual(['360p', '240p']);
});

test('the costs are those that were measured', () => {
  const picture = source(1280, 720);
  const rung = (widthPx: number, heightPx: number) => ({ ...rungsFor(picture)[0], video: { widthPx, heightPx, frameRate: 30 } }) as never;
  const cores = decodeCores(picture) + rungCores(rung(960, 540)) + rungCores(rung(640, 360)) + rungCores(rung(426, 240));
  expect(cores * 1_000).toBeGreaterThan(30 * 23);
  expect(cores * 1_000).toBeLessThan(30 * 27);
});

test('a list takes those of its steps that are smaller than the source, and no other', () => {
  const names = (...input: Parameters<typeof rungsFor>) => rungsFor(...input).map(({ name }) => name);
  expect(names(source(1280, 720), ['1080p', '720p', '240p'])).toEqual(['240p']);
  expect(names(source(1920, 1080), ['240p', '720p', '480p', '360p'])).toEqual(['720p', '480p', '360p', '240p']);
  expect(names(source(1280, 720, { codec: 'hevc' }), ['360p'])).toEqual(['720p', '360p']); // browsers need the former
});
