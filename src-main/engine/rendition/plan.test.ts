import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  AudioSettings,
  AudioTrack,
  DEFAULT_PROFILE,
  OwnVideo,
  type Rendition,
  RenditionId,
  renditionOf,
  soundOf,
} from '../../../src-shared/domain/index.ts';
import { ordinaryOf, planRenditions, RECORDING_RENDITION, renditionChanges, type ShowWants, STREAM_RENDITION } from './plan.ts';

const ORDINARY_RENDITION = ordinaryOf(STREAM_RENDITION);
const HALF = { widthPx: 640, heightPx: 360, frameRate: 15 };
const streams = fc
  .uniqueArray(fc.constantFrom(STREAM_RENDITION, RenditionId.parse('stream-2'), RenditionId.parse('stream-3')))
  .chain((ids) => fc.tuple(...ids.map((id) => fc.tuple(fc.constant(id), fc.constantFrom(null, HALF)))))
  .map((entries) => new Map(entries));
const wants = fc.record<ShowWants>({
  streaming: fc.boolean(),
  recording: fc.constantFrom('none', 'own', 'moving', 'shared'),
  streams,
  relief: fc.constantFrom(null, { kind: 'preset' as const, preset: 'ultrafast' as const }),
});
const profile = fc
  .record({ bitrateKbps: fc.integer({ min: 50, max: 100_000 }), frameRate: fc.constantFrom(25, 30, 60) })
  .map((video) => ({ ...DEFAULT_PROFILE, video: { ...DEFAULT_PROFILE.video, ...video } }));

test.each<[ShowWants, string[]]>([
  [{ streaming: false, recording: 'none' }, []],
  [{ streaming: true, recording: 'none' }, [STREAM_RENDITION]],
  [{ streaming: true, recording: 'own' }, [STREAM_RENDITION, RECORDING_RENDITION]],
  [{ streaming: true, recording: 'shared' }, [STREAM_RENDITION]],
  [{ streaming: false, recording: 'own' }, [RECORDING_RENDITION]],
  [{ streaming: false, recording: 'moving' }, [STREAM_RENDITION, RECORDING_RENDITION]], // it may have moved just now
  [{ streaming: false, recording: 'shared' }, [STREAM_RENDITION]],
])('%j needs the encodes %j', (wanted, ids) => {
  const plan = planRenditions(DEFAULT_PROFILE, wanted);
  expect(plan.renditions.map(({ id }) => id)).toEqual(ids);
  expect(plan.demand).toEqual(ids.length > 0 ? { widthPx: 1280, heightPx: 720, frameRate: 30 } : null);
});

test.each([
  ['libx265', 'hevc', 'libx264'],
  ['libsvtav1', 'av1', 'libx264'],
  ['hevc_nvenc', 'hevc', 'h264_nvenc'],
  ['av1_vaapi', 'av1', 'h264_vaapi'],
  ['h264_qsv', 'h264', 'libx264'], // another codec has taken over from it: it does not work
] as const)('beside %s the destinations that do not take %s have an encode by %s', (encoder, codec, expected) => {
  const video = { ...DEFAULT_PROFILE.video, encoder, codec, profile: 'main10' as const, level: '4.1', bitDepth: 10 as const };
  const wanted: ShowWants = {
    streaming: true,
    recording: 'own',
    streams: new Map([[ORDINARY_RENDITION, HALF]]),
    ordinary: new Set([ORDINARY_RENDITION]),
  };
  const { renditions } = planRenditions({ ...DEFAULT_PROFILE, video }, wanted);
  expect(renditions.map((one) => [one.id, one.video.codec, one.video.encoder])).toEqual([
    [STREAM_RENDITION, codec, encoder],
    [ORDINARY_RENDITION, 'h264', expected],
    [RECORDING_RENDITION, codec, encoder],
  ]);
  expect(renditions[1]?.video).toMatchObject({ ...HALF, profile: 'auto', level: null, bitDepth: 8, bitrateKbps: video.bitrateKbps });
});

test.each([
  ['opus', true, 96, { codec: 'aac', bitrateKbps: 128, sampleRateHz: 48_000, channels: 1 }],
  ['opus', true, 160, { codec: 'aac', bitrateKbps: 160, sampleRateHz: 48_000, channels: 1 }],
  ['opus', false, 96, null],
  ['aac', true, 160, null],
] as const)('a show in %s, its sound wanted in AAC besides: %s', (codec, ordinarySound, bitrateKbps, expected) => {
  const profile = { ...DEFAULT_PROFILE, audio: AudioSettings.parse({ codec, bitrateKbps, channels: 1 }) };
  const sounds = expected ? [{ id: 'ordinary', settings: expected }] : [];
  expect(planRenditions(profile, { streaming: true, recording: 'none', ordinarySound })).toMatchObject({ sounds });
  expect(planRenditions(profile, { streaming: false, recording: 'own', ordinarySound })).toMatchObject({ sounds: [] });
});

test("the sound of a track has the show's settings but for its own, and what its codec cannot have", () => {
  const profile = { ...DEFAULT_PROFILE, audio: AudioSettings.parse({ codec: 'aac', bitrateKbps: 160, sampleRateHz: 44_100, channels: 1 }) };
  const tracks = [AudioTrack.parse({ codec: 'opus', bitrateKbps: 64 }), AudioTrack.parse({ codec: 'aac', bitrateKbps: 64 })];
  const trackSounds = new Map(tracks.map((track) => [soundOf(track), track]));
  expect(planRenditions(profile, { streaming: true, recording: 'none', trackSounds }).sounds).toEqual([
    { id: 'opus-64', settings: { codec: 'opus', bitrateKbps: 64, sampleRateHz: 48_000, channels: 1 } },
    { id: 'aac-64', settings: { codec: 'aac', bitrateKbps: 64, sampleRateHz: 44_100, channels: 1 } },
  ]);
});

test('an encode that no destination takes is left out, but not where it is recorded', () => {
  const ids = (recording: ShowWants['recording']) =>
    planRenditions(DEFAULT_PROFILE, {
      streaming: true,
      recording,
      streams: new Map([[ORDINARY_RENDITION, null]]),
      idle: true,
    }).renditions.map(({ id }) => id);
  expect(ids('none')).toEqual([ORDINARY_RENDITION]);
  expect(ids('own')).toEqual([ORDINARY_RENDITION, RECORDING_RENDITION]);
  expect(ids('shared')).toEqual([STREAM_RENDITION, ORDINARY_RENDITION]);
});

test('destinations with a video of their own: the rest of the settings is the show’s, and pictures come as the most of them need', () => {
  const video = { ...DEFAULT_PROFILE.video, level: '3.1', profile: 'high' as const, maxBitrateKbps: 3_000 };
  const large = OwnVideo.parse({ widthPx: 1_920, heightPx: 1_080, frameRate: 60, bitrateKbps: 5_000, encoder: 'libx265' });
  const upright = OwnVideo.parse({ widthPx: 1_080, heightPx: 1_920, frameRate: 30, bitrateKbps: 4_000, fit: 'cover' });
  const own = new Map([large, upright].map((one) => [renditionOf(one), one]));
  const streams = new Map([...own.keys()].map((id) => [id, null]));
  const plan = planRenditions({ ...DEFAULT_PROFILE, video }, { streaming: true, recording: 'none', streams, own });
  expect(plan.demand).toEqual({ widthPx: 1_920, heightPx: 1_080, frameRate: 60 }); // the upright one is cropped out of that
  expect(plan.renditions).toEqual([
    { id: STREAM_RENDITION, video },
    { id: renditionOf(large), video: { ...video, ...large, codec: 'hevc', level: null, profile: 'auto', maxBitrateKbps: 6_000 } },
    { id: renditionOf(upright), video: { ...video, ...upright, level: null, maxBitrateKbps: 4_800 } },
  ]);
  const relief = { kind: 'preset', preset: 'ultrafast' } as const;
  const without = planRenditions(DEFAULT_PROFILE, { streaming: true, recording: 'none', streams, own, idle: true, relief });
  expect(without.renditions.map((one) => [one.id, one.video.preset])).toEqual([...own.keys()].map((id) => [id, 'ultrafast']));
});

test('a second encode of the stream, a smaller first one, and never a smaller one than the recording takes', () => {
  const second = RenditionId.parse('stream-2');
  const wanted: ShowWants = {
    streaming: true,
    recording: 'own',
    streams: new Map([
      [second, null],
      [STREAM_RENDITION, HALF],
    ]),
  };
  const video = (wants: ShowWants) => planRenditions(DEFAULT_PROFILE, wants).renditions.map((one) => [one.id, one.video]);
  const full = DEFAULT_PROFILE.video;
  expect(video(wanted).slice(0, 2)).toEqual([
    [STREAM_RENDITION, { ...full, ...HALF }],
    [second, full],
  ]);
  expect(video({ ...wanted, recording: 'shared' })).toEqual([
    [STREAM_RENDITION, full],
    [second, full],
  ]);
  expect(video({ ...wanted, recording: 'moving' })[0]).toEqual([STREAM_RENDITION, full]);
  expect(video({ ...wanted, streaming: false, recording: 'none' })).toEqual([]);
});

test('the recording has the size and rate of the picture and its own bitrate', () => {
  const [, recording] = planRenditions(DEFAULT_PROFILE, { streaming: true, recording: 'own' }).renditions;
  expect(recording?.video).toEqual({ ...DEFAULT_PROFILE.video, bitrateKbps: DEFAULT_PROFILE.recording.bitrateKbps });
});

test('what encoding gives up is the preset of all encodes, and for the recording no size or frame rate', () => {
  const relief = { kind: 'size', preset: 'superfast' } as const;
  const plan = planRenditions(DEFAULT_PROFILE, { streaming: true, recording: 'own', streams: new Map([[STREAM_RENDITION, HALF]]), relief });
  expect(plan.relief).toBe('size');
  const { widthPx, heightPx, frameRate } = DEFAULT_PROFILE.video;
  expect(plan.renditions.map(({ video }) => video)).toMatchObject([
    { preset: 'superfast', ...HALF },
    { preset: 'superfast', widthPx, heightPx, frameRate },
  ]);
});

test('property: stopping the stream or the recording never closes an encode the other still needs', () => {
  fc.assert(
    fc.property(profile, wants, fc.boolean(), (someProfile, before, stopStream) => {
      const after: ShowWants = stopStream ? { ...before, streaming: false } : { ...before, recording: 'none' };
      const { close, open } = renditionChanges(
        planRenditions(someProfile, before).renditions,
        planRenditions(someProfile, after).renditions,
      );
      expect(open.filter(({ id }) => id !== STREAM_RENDITION)).toEqual([]);
      if (after.recording === 'shared') expect([...close, ...open.map(({ id }) => id)]).not.toContain(STREAM_RENDITION);
      if (after.streaming && (before.recording === 'none' || before.recording === 'own')) expect(close).not.toContain(STREAM_RENDITION);
      if (after.recording === 'own' || after.recording === 'moving') expect(close).not.toContain(RECORDING_RENDITION);
    }),
  );
});

test('property: applying the changes to one plan gives the other', () => {
  fc.assert(
    fc.property(profile, profile, wants, wants, (oneProfile, otherProfile, oneWants, otherWants) => {
      const from = planRenditions(oneProfile, oneWants).renditions;
      const to = planRenditions(otherProfile, otherWants).renditions;
      const { close, open } = renditionChanges(from, to);
      const alike = (all: readonly Rendition[]) =>
        all
          .map(({ id, video }) => ({ id, video: { ...video, bitrateKbps: 0 } })) // which changes in place
          .toSorted((a, b) => a.id.localeCompare(b.id));
      expect(alike([...from.filter(({ id }) => !close.includes(id)), ...open])).toEqual(alike(to));
    }),
  );
});
