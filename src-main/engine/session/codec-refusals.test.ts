import { expect, test } from 'vitest';
import { OwnVideo, renditionOf } from '../../../src-shared/domain/index.ts';
import type { Failure } from '../../../src-shared/errors.ts';
import { STREAM_RENDITION } from '../rendition/plan.ts';
import { CodecRefusals, type Home } from './codec-refusals.ts';

const failure: Failure = { code: 'rtmp.codec', message: 'It needs H.264.' };
const own = (codec: Home['codec'], encoder: OwnVideo['encoder']): Home => ({
  sound: 'opus',
  id: renditionOf(OwnVideo.parse({ widthPx: 1_080, heightPx: 1_920, frameRate: 30, bitrateKbps: 4_000, encoder })),
  codec,
});
const SHOW: Home = { id: STREAM_RENDITION, codec: 'hevc', sound: 'opus' };
const [H264, AV1] = [own('h264', 'libx264'), own('av1', 'libsvtav1')];

test('what is set to be H.264 falls back to nothing, and another codec does again', () => {
  const refusals = new CodecRefusals();
  expect(refusals.fallback(SHOW)).toBeNull();
  refusals.note('video', SHOW.id, SHOW.codec, failure);
  const fallback = { video: true, audio: false, failure };
  expect(refusals.fallback(SHOW)).toEqual(fallback);
  expect(refusals.fallback(H264)).toBeNull();
  expect(refusals.fallback(AV1)).toEqual(fallback);
  expect(refusals.fallback({ ...SHOW, codec: 'h264' })).toBeNull(); // the show is set to be H.264 now
});

test('the sound is refused whatever the picture', () => {
  const refusals = new CodecRefusals();
  refusals.note('video', SHOW.id, SHOW.codec, null);
  refusals.note('audio', SHOW.id, SHOW.codec, failure);
  expect(refusals.fallback(H264)).toEqual({ video: false, audio: true, failure });
  expect(refusals.fallback({ ...H264, sound: 'aac' })).toBeNull();
});

test('H.264 in whose place another codec has come is refused as well', () => {
  const refusals = new CodecRefusals();
  refusals.note('video', H264.id, 'h264', failure);
  expect(refusals.fallback(H264)).toMatchObject({ video: true });
});
