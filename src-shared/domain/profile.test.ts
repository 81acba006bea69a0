import { expect, test } from 'vitest';
import { DEFAULT_PROFILE, Profile } from './profile.ts';
import { AudioSettings, maxAudioKbps, usedAudioKbps } from './rendition.ts';

test('a profile from before sample rate and channels could be chosen keeps what it made: 48,000 Hz, stereo', () => {
  const before = { ...DEFAULT_PROFILE, audio: { codec: 'opus', bitrateKbps: 96 } };
  expect(Profile.parse(before).audio).toEqual({ codec: 'opus', bitrateKbps: 96, sampleRateHz: 48_000, channels: 2 });
});

test.each([{ sampleRateHz: 32_000 }, { channels: 0 }, { channels: 6 }, { codec: 'opus', sampleRateHz: 44_100 }])(
  '%j is refused',
  (audio) => {
    expect(AudioSettings.safeParse(audio).success).toBe(false);
  },
);

test('Opus at another rate is refused with the reason', () => {
  const { error } = AudioSettings.safeParse({ codec: 'opus', sampleRateHz: 44_100 });
  expect(error?.issues[0]).toMatchObject({ path: ['sampleRateHz'], message: expect.stringContaining('Opus plays at 48,000 Hz') });
});

test.each([
  [{}, 512],
  [{ channels: 1 }, 288],
  [{ channels: 1, sampleRateHz: 44_100 }, 264],
  [{ codec: 'opus' }, 512],
  [{ codec: 'opus', channels: 1 }, 256],
])('the most that %j makes use of is %i kbps', (audio, kbps) => {
  expect(maxAudioKbps(AudioSettings.parse(audio))).toBe(kbps);
  expect(usedAudioKbps(AudioSettings.parse({ ...audio, bitrateKbps: 512 }))).toBe(kbps);
  expect(usedAudioKbps(AudioSettings.parse({ ...audio, bitrateKbps: 96 }))).toBe(96);
});
