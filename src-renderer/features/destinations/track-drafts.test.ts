import { expect, test } from 'vitest';
import { DEFAULT_PROFILE, FurtherTracks } from '../../../src-shared/domain/index.ts';
import { furtherTracksOf, storedTracks, trackDraftsOf, withPicture, withSound } from './track-drafts.ts';

const tracks = FurtherTracks.parse({
  video: [{ widthPx: 640, heightPx: 360, frameRate: 30, bitrateKbps: 800, encoder: 'libx265', fit: 'cover' }],
  audio: [{ codec: 'opus', bitrateKbps: 64 }],
});
const none = trackDraftsOf(undefined);

test('what is stored comes back unchanged, and nothing is stored of none', () => {
  expect(storedTracks(trackDraftsOf(tracks))).toEqual({ tracks });
  expect(storedTracks(none)).toEqual({});
});

test('a further picture begins at half the size of the one before, down to the smallest there is', () => {
  const video = { ...DEFAULT_PROFILE.video, widthPx: 1_280, heightPx: 720, bitrateKbps: 2_500 };
  let drafts = none;
  for (let i = 0; i < 4; i += 1) drafts = withPicture(drafts, video);
  expect(furtherTracksOf(drafts)?.video.map(({ widthPx, heightPx, bitrateKbps }) => [widthPx, heightPx, bitrateKbps])).toEqual([
    [640, 360, 750],
    [320, 180, 300],
    [160, 90, 300],
    [80, 64, 300],
  ]);
});

test.each(['', 'much', '31', '513', '96.5'])('a sound of "%s" kbps is none', (kbps) => {
  const drafts = withSound(none);
  expect(furtherTracksOf(drafts)?.audio).toEqual([{ codec: 'aac', bitrateKbps: 96 }]);
  expect(furtherTracksOf({ ...drafts, audio: [{ codec: 'aac', kbps }] })).toBeNull();
});
