import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RenditionId } from '../../../src-shared/domain/index.ts';
import type { AudioPacket, VideoPacket } from '../../process/packet.ts';
import { buildAvcConfig } from '../../wire/codec-config.ts';
import { Fragmenter, type RecordedFragment, videoTimescale } from './fragmenter.ts';

const renditionId = RenditionId.parse('r');
const config = (level: number) => buildAvcConfig([Uint8Array.of(0x67, 66, 0, level)], [Uint8Array.of(0x68, 1)]);
const headers = {
  video: {
    kind: 'video' as const,
    renditionId,
    codec: 'h264' as const,
    widthPx: 64,
    heightPx: 64,
    frameRate: 30,
    bitrateKbps: 100,
    config: config(30),
  },
  audio: {
    kind: 'audio' as const,
    codec: 'aac' as const,
    sampleRateHz: 48_000,
    channels: 2,
    bitrateKbps: 96,
    config: Uint8Array.of(0x11, 0x90),
  },
};

const picture = (tick: number, changes: Partial<VideoPacket> = {}): VideoPacket => {
  const ptsUs = Math.round((tick * 1e6) / 30);
  return {
    kind: 'video',
    renditionId,
    ptsUs,
    dtsUs: ptsUs,
    durationUs: 33_333,
    key: tick % 30 === 0,
    data: Uint8Array.of(0, 0, 0, 1, tick & 0xff),
    tick,
    captureTimeUs: ptsUs,
    repeated: false,
    ...changes,
  };
};
const sound = (index: number): AudioPacket => ({
  kind: 'audio',
  ptsUs: Math.round((index * 1_024 * 1e6) / 48_000),
  durationUs: 21_333,
  data: Uint8Array.of(index & 0xff),
});
const samples = (fragments: readonly RecordedFragment[], kind: 'video' | 'audio') =>
  fragments.flatMap(({ chunks }) => chunks.filter((chunk) => chunk.kind === kind).flatMap((chunk) => chunk.samples));

test.each([
  [30, 30_000],
  [25, 25_000],
  [60, 60_000],
  [30_000 / 1_001, 30_000],
  [29.97, 30_000],
  [23.976, 24_000],
  [12.5, 90_000],
])('%d frames a second count in ticks of 1/%i s', (frameRate, timescale) => expect(videoTimescale(frameRate)).toBe(timescale));

test('no fragment is longer than half a second, and every IDR begins one', () => {
  const fragmenter = new Fragmenter(headers);
  const fragments = Array.from({ length: 120 }, (_, tick) => fragmenter.push(picture(tick))).flat();
  fragments.push(...fragmenter.flush());
  for (const { chunks } of fragments) {
    expect(chunks[0]?.samples.length).toBeLessThanOrEqual(15);
    expect(chunks[0]?.samples.findLastIndex(({ key }) => key)).toBeLessThanOrEqual(0);
  }
  expect(samples(fragments, 'video').map(({ decodeTicks }) => decodeTicks)).toEqual(Array.from({ length: 120 }, (_, tick) => tick * 1_000));
  expect(fragmenter.flush()).toEqual([]);
});

test('property: after any start, sound and picture keep their distance to a tick', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 40 * 3_600 * 30 }), fc.integer({ min: 0, max: 3 }), (startTick, delay) => {
      const fragmenter = new Fragmenter(headers);
      const idr = picture(startTick, { key: true, dtsUs: picture(startTick - delay).ptsUs });
      const firstSound = Math.floor((idr.ptsUs * 48_000) / 1e6 / 1_024) - 5;
      const sounds = Array.from({ length: 10 }, (_, index) => sound(firstSound + index));
      const fragments = [...sounds.flatMap((packet) => fragmenter.push(packet)), ...fragmenter.push(idr), ...fragmenter.flush()];
      const [video] = samples(fragments, 'video');
      const presented = (video?.decodeTicks ?? 0) + (video?.compositionOffsetTicks ?? 0) - fragmenter.videoTrack.startTicks;
      expect(presented).toBe(0);
      const kept = sounds.slice(-samples(fragments, 'audio').length);
      samples(fragments, 'audio').forEach(({ decodeTicks }, index) => {
        const trueTicks = (((kept[index]?.ptsUs ?? 0) - idr.ptsUs) * 48_000) / 1e6;
        expect(Math.abs(decodeTicks - 2_048 - trueTicks)).toBeLessThanOrEqual(1);
      });
      expect(samples(fragments, 'audio')[0]?.decodeTicks).toBeLessThan(1_024 + 1); // a whole frame of pre-roll
    }),
  );
});

test('rounded times of sound make no gaps and no overlaps', () => {
  const fragmenter = new Fragmenter(headers);
  const fragments = [...fragmenter.push(picture(0))];
  for (let index = 0; index < 500; index++) fragments.push(...fragmenter.push(sound(index)));
  const ticks = samples([...fragments, ...fragmenter.flush()], 'audio').map(({ decodeTicks }) => decodeTicks);
  expect(ticks).toEqual(Array.from({ length: 500 }, (_, index) => 2_048 + index * 1_024));
});

test('sound that begins within the packet before, as after an encoder that filled up its last one, does not make all that follows late', () => {
  const fragmenter = new Fragmenter(headers);
  const fragments = [...fragmenter.push(picture(0))];
  const earlierUs = (index: number) => sound(index).ptsUs - 15_000 * Math.floor(index / 100);
  for (let index = 0; index < 500; index++) fragments.push(...fragmenter.push({ ...sound(index), ptsUs: earlierUs(index) }));
  const ticks = samples([...fragments, ...fragmenter.flush()], 'audio').map(({ decodeTicks }) => decodeTicks);
  expect(ticks).toHaveLength(500);
  expect(Math.abs(ticks.at(-1)! - 2_048 - (earlierUs(499) * 48_000) / 1e6)).toBeLessThanOrEqual(2);
  ticks.slice(1).forEach((tick, index) => expect(tick).toBeGreaterThan(ticks[index]!));
});

test('sound whose place is taken is left out', () => {
  const fragmenter = new Fragmenter(headers);
  const fragments = [...fragmenter.push(picture(0))];
  for (const index of [0, 1, 2, 1, 2, 3]) fragments.push(...fragmenter.push(sound(index)));
  const ticks = samples([...fragments, ...fragmenter.flush()], 'audio').map(({ decodeTicks }) => decodeTicks);
  expect(ticks).toEqual([0, 1, 2, 3].map((index) => 2_048 + index * 1_024));
});

test('decode times rise even where an encoder repeats one', () => {
  const fragmenter = new Fragmenter(headers);
  fragmenter.push(picture(0));
  fragmenter.push(picture(5));
  fragmenter.push(picture(6, { dtsUs: picture(5).dtsUs }));
  const [, second, third] = samples(fragmenter.flush(), 'video');
  expect((third?.decodeTicks ?? 0) - (second?.decodeTicks ?? 0)).toBe(1);
  expect((third?.decodeTicks ?? 0) + (third?.compositionOffsetTicks ?? 0)).toBe(6_000);
});

describe('other parameter sets', () => {
  test('come with the next IDR and each after it, in a description of their own', () => {
    const fragmenter = new Fragmenter(headers);
    const first = [...fragmenter.push(picture(0)), ...fragmenter.push(picture(1))];
    fragmenter.setVideo({ ...headers.video, widthPx: 48, config: config(31) });
    const old = [...first, ...fragmenter.push(picture(2)), ...fragmenter.push(picture(30))];
    const now = [...fragmenter.push(picture(60)), ...fragmenter.flush()];
    expect(old.flatMap(({ chunks }) => chunks.map(({ description }) => description))).toEqual([1]);
    expect(now.flatMap(({ chunks }) => chunks.map(({ description }) => description))).toEqual([2, 2]);
    for (const { bytes } of now) expect(Buffer.from(bytes).toString('hex')).toContain('0000000467420' + '01f' + '000000026801');
    expect(fragmenter.videoTrack).toMatchObject({
      widthPx: 64,
      descriptions: [
        { widthPx: 64, heightPx: 64, config: config(30) },
        { widthPx: 48, heightPx: 64, config: config(31) },
      ],
    });
  });

  test('the same ones again change nothing; broken ones are refused', () => {
    const fragmenter = new Fragmenter(headers);
    fragmenter.setVideo(headers.video);
    expect(fragmenter.videoTrack.descriptions).toHaveLength(1);
    expect(() => fragmenter.setVideo({ ...headers.video, config: Uint8Array.of(1, 2) })).toThrow('AVC configuration');
  });
});
