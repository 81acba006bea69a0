import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RenditionId } from '../../../src-shared/domain/index.ts';
import type { MediaPacket } from '../../process/packet.ts';
import { Timeline } from './timeline.ts';

const renditionId = RenditionId.parse('r');
const video = (dtsUs: number, ptsUs = dtsUs): MediaPacket => ({
  kind: 'video',
  renditionId,
  ptsUs,
  dtsUs,
  durationUs: 0,
  key: true,
  data: new Uint8Array(0),
  tick: 0,
  captureTimeUs: 0,
  repeated: false,
});
const audio = (ptsUs: number): MediaPacket => ({ kind: 'audio', ptsUs, durationUs: 0, data: new Uint8Array(0) });

test('the first packet is at 0, and both kinds share its base', () => {
  const timeline = new Timeline();
  expect(timeline.place(video(5_000_000))).toEqual({ dtsMs: 0, nanos: null, compositionMs: 0 });
  expect(timeline.place(audio(5_010_000))).toEqual({ dtsMs: 10, nanos: null, compositionMs: 0 });
  expect(timeline.lastMs('audio')).toBe(10);
});

test('B-frames keep their composition time', () => {
  const timeline = new Timeline();
  timeline.place(video(0, 66_667));
  expect(timeline.place(video(33_333, 166_667))).toEqual({ dtsMs: 33, nanos: null, compositionMs: 134 });
});

test('exact times are rounded down, and the rest is told in nanoseconds', () => {
  const timeline = new Timeline();
  timeline.place(video(0), { exact: true });
  expect(timeline.place(video(16_667), { exact: true })).toEqual({ dtsMs: 16, nanos: 667_000, compositionMs: 0 });
  expect(timeline.place(video(33_333, 66_667), { exact: true })).toEqual({ dtsMs: 33, nanos: 333_000, compositionMs: 33 });
  expect(timeline.place(video(33_400), { exact: true })).toEqual({ dtsMs: 34, nanos: 0, compositionMs: 0 }); // it has to rise
});

test('tracks of a kind have the same times, each rising by itself', () => {
  const timeline = new Timeline();
  expect([0, 1, 0, 1].map((track, i) => timeline.place(video(i < 2 ? 0 : 33_333), { track })?.dtsMs)).toEqual([0, 0, 33, 33]);
  expect([timeline.lastMs('video', 1), timeline.lastMs('video', 2)]).toEqual([33, 0]);
});

test('sound from before the first picture cannot be sent', () => {
  const timeline = new Timeline();
  timeline.place(video(1_000_000));
  expect(timeline.place(audio(990_000))).toBeNull();
  expect(timeline.lastMs('audio')).toBe(0);
});

test('property: times rise strictly, even where the input stands still or falls back', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.boolean(), fc.nat(10_000_000)), { minLength: 1 }), (steps) => {
      const timeline = new Timeline();
      const last = { video: -1, audio: -1 };
      for (const [isVideo, us] of steps) {
        const packet = isVideo ? video(us) : audio(us);
        const time = timeline.place(packet);
        if (!time) continue;
        expect(time.dtsMs).toBeGreaterThan(last[packet.kind]);
        expect(time.compositionMs).toBeGreaterThanOrEqual(0);
        last[packet.kind] = time.dtsMs;
      }
    }),
  );
});
