import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { withTimes } from '../../src-main/engine/publish/rtmp/picture-times.ts';
import type { VideoPacket } from '../../src-main/process/packet.ts';
import { concat } from '../../src-main/wire/bytes.ts';
import { BT709_LIMITED } from '../../src-main/wire/colour.ts';
import { fragment } from '../../src-main/wire/mp4/fragment.ts';
import { initSegment } from '../../src-main/wire/mp4/movie.ts';
import type { AudioTrack, VideoTrack } from '../../src-main/wire/mp4/track.ts';
import { joinAvcc } from '../../src-main/wire/nal.ts';
import { FragmentReader, type TimedPicture } from './fragment-reader.ts';

const video = (codec: 'h264' | 'hevc'): VideoTrack => ({
  kind: 'video',
  id: 2,
  timescale: 90_000,
  startTicks: 0,
  widthPx: 320,
  heightPx: 180,
  descriptions: [{ widthPx: 320, heightPx: 180, config: Uint8Array.of(1, 2, 3) }],
  codec,
  colour: BT709_LIMITED,
});
const audio: AudioTrack = {
  kind: 'audio',
  id: 1,
  timescale: 48_000,
  startTicks: 0,
  channels: 2,
  sampleRateHz: 48_000,
  bitrateBps: 128_000,
  codec: 'aac',
  config: Uint8Array.of(0x11, 0x90),
};
const SLICE = { h264: [0x65, 1, 2, 3], hevc: [0x26, 1, 2, 3] };

/** Two fragments of sound and three pictures each, of which the last is shown first; the pictures' times are their numbers. */
function film(codec: 'h264' | 'hevc'): Uint8Array {
  const picture = (n: number) => {
    const way = { cameraUs: null, encoderInUs: n, encoderOutUs: n };
    const packet = { kind: 'video', captureTimeUs: n, data: joinAvcc([Uint8Array.from(SLICE[codec])]), way } as VideoPacket;
    return concat(withTimes(packet, codec, n) ?? []);
  };
  const sample = (data: Uint8Array, durationTicks: number, compositionOffsetTicks = 0) => ({
    durationTicks,
    compositionOffsetTicks,
    key: true,
    data,
  });
  const piece = (n: number) =>
    fragment(n + 1, [
      { trackId: 1, decodeTicks: n * 4_800, samples: [sample(new Uint8Array(100), 4_800)] },
      {
        trackId: 2,
        decodeTicks: n * 9_000,
        samples: [0, 1, 2].map((i) => sample(picture(n * 3 + i), 3_000, i === 2 ? -6_000 : 3_000)),
      },
    ]).bytes;
  return concat([initSegment([audio, video(codec)], 0), piece(0), piece(1)]);
}

const brief = (pictures: TimedPicture[]) => pictures.map(({ ptsS, times }) => [Math.round(ptsS * 30), times.composeUs]);
const EXPECTED = [
  [1, 0],
  [2, 1],
  [0, 2],
  [4, 3],
  [5, 4],
  [3, 5],
];

describe('fragments', () => {
  test.each(['h264', 'hevc'] as const)('%s: each picture with its time of presentation', (codec) => {
    expect(brief(new FragmentReader().feed(film(codec)))).toEqual(EXPECTED);
  });

  test('property: cut anywhere they say the same', () => {
    const bytes = film('h264');
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length), { maxLength: 8 }), (cuts) => {
        const reader = new FragmentReader();
        const edges = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
        const pictures = edges.slice(1).flatMap((end, i) => reader.feed(bytes.subarray(edges[i], end)));
        expect(brief(pictures)).toEqual(EXPECTED);
      }),
    );
  });

  test('property: whatever is broken in them is survived', () => {
    const bytes = film('h264');
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(255), (at, value) => {
        const broken = bytes.slice();
        broken[at] = value;
        expect(new FragmentReader().feed(broken).length).toBeLessThanOrEqual(EXPECTED.length);
      }),
    );
  });

  test('pictures without times are left out', () => {
    const plain = fragment(1, [
      {
        trackId: 2,
        decodeTicks: 0,
        samples: [{ durationTicks: 1, compositionOffsetTicks: 0, key: true, data: joinAvcc([Uint8Array.from(SLICE.h264)]) }],
      },
    ]).bytes;
    expect(new FragmentReader().feed(concat([initSegment([video('h264')], 0), plain]))).toEqual([]);
  });
});
