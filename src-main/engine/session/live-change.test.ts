import { expect, test } from 'vitest';
import { DEFAULT_PROFILE, type Profile } from '../../../src-shared/domain/index.ts';
import { changedActivity, isSeen, keptActivity, laterActivity, liveChange } from './live-change.ts';

const { video, audio, recording } = DEFAULT_PROFILE;
const NOTHING = { reopens: false, bitrate: false, sound: false, fallback: false, later: { folder: false, encode: false } };

test.each<[string, Partial<Profile>, Partial<typeof NOTHING>]>([
  ['another name', { name: 'Other' }, {}],
  ['another size', { video: { ...video, widthPx: 854, heightPx: 480 } }, { reopens: true }],
  ['another frame rate', { video: { ...video, frameRate: 25 } }, { reopens: true }],
  ['another encoder', { video: { ...video, encoder: 'libx265', codec: 'hevc' } }, { reopens: true }],
  ['another keyframe interval', { video: { ...video, keyframeIntervalS: 1 } }, { reopens: true }],
  ['another bitrate', { video: { ...video, bitrateKbps: 900 } }, { bitrate: true }],
  ['another bitrate of the recording', { recording: { ...recording, bitrateKbps: 9_000 } }, { bitrate: true }],
  ['another sound', { audio: { ...audio, bitrateKbps: 96 } }, { sound: true }],
  ['another fallback', { encoderFallback: ['libx264'] }, { fallback: true }],
  ['another folder', { recording: { ...recording, folder: '/films' } }, { later: { folder: true, encode: false } }],
  ['another kind of encode', { recording: { ...recording, encode: 'own' } }, { later: { folder: false, encode: true } }],
])('%s', (_, part, expected) => {
  expect(liveChange(DEFAULT_PROFILE, { ...DEFAULT_PROFILE, ...part })).toEqual({ ...NOTHING, ...expected });
});

test('only what viewers or a file see is told as a change', () => {
  expect(isSeen({ ...NOTHING, fallback: true, later: { folder: true, encode: true } })).toBe(false);
  for (const part of [{ reopens: true }, { bitrate: true }, { sound: true }]) expect(isSeen({ ...NOTHING, ...part })).toBe(true);
});

test('the user reads what is in use, what is not, and what counts later', () => {
  const change = { ...NOTHING, reopens: true };
  expect(changedActivity(change, { ...DEFAULT_PROFILE, video: { ...video, encoder: 'libx265' } })).toMatchObject({
    level: 'info',
    message:
      'The settings as saved are in use from a new keyframe on: 1280×720 at 30, HEVC by libx265, 2500 kbps; sound aac 160 kbps, 48000 Hz, stereo. Nobody was disconnected.',
    event: { kind: 'settings-live', reopened: true, picture: { widthPx: 1280, heightPx: 720, frameRate: 30 }, encoder: 'libx265' },
  });
  const mono = { ...DEFAULT_PROFILE, audio: { ...audio, sampleRateHz: 44_100, channels: 1 } } as const;
  expect(changedActivity({ ...NOTHING, sound: true }, mono)).toMatchObject({
    message: expect.stringContaining('sound aac 160 kbps, 44100 Hz, mono.'),
    event: { sound: { rateHz: 44_100, channels: 1 } },
  });
  expect(changedActivity(NOTHING, DEFAULT_PROFILE).message).toContain('without a new keyframe: 1280×720');
  const failure = { code: 'encoder.open-failed', message: 'No such encoder.' } as const;
  expect(keptActivity(failure)).toMatchObject({
    level: 'error',
    failure,
    message: expect.stringContaining('goes on with those before. No such encoder.'),
    event: { kind: 'settings-kept', reason: 'No such encoder.' },
  });
  expect(laterActivity({ folder: true, encode: true }).message).toContain('folder and choice of an encode counts from the next recording');
  expect(laterActivity({ folder: false, encode: true }).event).toEqual({ kind: 'settings-later', folder: false, encode: true });
});
