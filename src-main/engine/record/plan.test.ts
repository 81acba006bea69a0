import { describe, expect, test } from 'vitest';
import { DEFAULT_PROFILE, Profile } from '../../../src-shared/domain/index.ts';
import { recordingPath } from './naming.ts';
import { planRecordingEncode } from './plan.ts';

const profile = (video: object, encode: Profile['recording']['encode'] = 'auto'): Profile =>
  Profile.parse({ ...DEFAULT_PROFILE, video: { ...DEFAULT_PROFILE.video, ...video }, recording: { encode } });
const hd = { widthPx: 1920, heightPx: 1080, bitrateKbps: 6_000 };

describe('an encode of its own', () => {
  test.each([
    ['720p30 on 2 cores', {}, 2, false],
    ['720p30 on 4 cores', {}, 4, true],
    ['1080p30 on 4 cores', hd, 4, false],
    ['1080p30 on 8 cores', hd, 8, true],
    ['1080p60 on 8 cores', { ...hd, frameRate: 60 }, 8, false],
    ['1080p60 on 16 cores', { ...hd, frameRate: 60 }, 16, true],
    ['1080p30 slow on 8 cores', { ...hd, preset: 'slow' }, 8, false],
  ])('%s: %o, %i cores → %s', (_, video, logicalCores, ownEncode) => {
    const chosen = profile(video);
    const plan = planRecordingEncode({ profile: chosen, logicalCores, streamRendition: chosen.video });
    expect(plan.ownEncode).toBe(ownEncode);
    expect(plan.reason).toContain(`of ${logicalCores} cores`);
  });

  test('what the profile sets is done, and said', () => {
    const ask = (encode: Profile['recording']['encode'], logicalCores: number) =>
      planRecordingEncode({ profile: profile({}, encode), logicalCores, streamRendition: DEFAULT_PROFILE.video });
    expect(ask('own', 1)).toMatchObject({ ownEncode: true, reason: expect.stringContaining('as set in the profile') });
    expect(ask('shared', 64)).toMatchObject({ ownEncode: false, reason: expect.stringContaining('as set in the profile') });
  });

  test.each(['auto', 'shared'] as const)('with nothing to share, a recording set to %s has the encoder to itself', (encode) => {
    expect(planRecordingEncode({ profile: profile({}, encode), logicalCores: 1, streamRendition: null }).ownEncode).toBe(true);
  });

  test('never fewer cores for more pixels', () => {
    const owns = (logicalCores: number) =>
      planRecordingEncode({ profile: profile(hd), logicalCores, streamRendition: profile(hd).video }).ownEncode;
    const answers = Array.from({ length: 32 }, (_, index) => owns(index + 1));
    expect(answers).toEqual([...answers].sort()); // false … true
  });
});

test.each([
  [1, 'Tidecast 2026-01-02 03-04-05.mp4'],
  [2, 'Tidecast 2026-01-02 03-04-05 (2).mp4'],
])('attempt %i is called %s', (attempt, name) => {
  expect(recordingPath('/videos', new Date(2026, 0, 2, 3, 4, 5), attempt)).toBe(`/videos/${name}`);
});
