import { expect, test } from 'vitest';
import { Destination } from './destination.ts';
import { OwnVideo } from './own-video.ts';
import { plannedEncodes } from './planned-encodes.ts';
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

test('further tracks are encodes like others, shared like others, and none where they are not sent', () => {
  const tracks = { video: [upright, upright], audio: [] };
  const names = (destinations: Destination[]) =>
    plannedEncodes(DEFAULT_PROFILE.video, destinations).map(({ destinations }) => destinations.map(({ name }) => name));
  expect(names([{ ...to('a', null), tracks }, to('b', upright)])).toEqual([['a'], ['a', 'b']]);
  expect(names([{ ...to('a', null), tracks, enhanced: 'never' }])).toEqual([['a']]);
});
