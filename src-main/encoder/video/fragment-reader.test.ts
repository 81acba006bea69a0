import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BT709_LIMITED } from '../../wire/colour.ts';
import { box } from '../../wire/mp4/box.ts';
import { fragment } from '../../wire/mp4/fragment.ts';
import { initSegment } from '../../wire/mp4/movie.ts';
import type { VideoTrack } from '../../wire/mp4/track.ts';
import { FragmentReader, type FragmentSample } from './fragment-reader.ts';

const CONFIG = Uint8Array.of(1, 100, 0, 13, 0xff);
const track: VideoTrack = {
  kind: 'video',
  codec: 'h264',
  id: 1,
  timescale: 30_000,
  startTicks: 2_000,
  widthPx: 320,
  heightPx: 180,
  descriptions: [{ widthPx: 64, heightPx: 64, config: CONFIG }],
  colour: BT709_LIMITED,
};
const head = initSegment([track], 0);

/** I0 P3 B1 B2 at 30 fps, decoded two pictures early: the first two times lie before the first picture. */
const ORDER = [0, 3, 1, 2];
const stream = Buffer.concat([
  head,
  ...ORDER.map((shown, n) => {
    const sample = { durationTicks: 1_000, compositionOffsetTicks: (shown - n + 2) * 1_000, key: n === 0, data: Uint8Array.of(shown, 7) };
    return fragment(n + 1, [{ trackId: 1, decodeTicks: n * 1_000, samples: [sample] }]).bytes;
  }),
]);

function readIn(pieces: Uint8Array[]): { reader: FragmentReader; samples: FragmentSample[] } {
  const reader = new FragmentReader();
  return { reader, samples: pieces.flatMap((piece) => reader.push(piece)) };
}

describe('a fragmented MP4', () => {
  test('gives record, pictures and times that count from the first picture shown', () => {
    const { reader, samples } = readIn([stream]);
    expect(reader.config).toEqual(CONFIG);
    expect(samples.map(({ data }) => data[0])).toEqual(ORDER);
    expect(samples.map(({ ptsS }) => Math.round(ptsS * 30))).toEqual(ORDER);
    expect(samples.map(({ dtsS }) => Math.round(dtsS * 30))).toEqual([-2, -1, 0, 1]);
    expect(samples.map(({ key }) => key)).toEqual([true, false, false, false]);
  });

  test('property: however the pipe cuts it, the same comes out', () => {
    const whole = readIn([stream]).samples;
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: stream.length }), { maxLength: 20 }), (cuts) => {
        const ends = [...cuts.toSorted((a, b) => a - b), stream.length];
        const pieces = ends.map((end, n) => stream.subarray(n === 0 ? 0 : ends[n - 1], end));
        expect(readIn(pieces).samples).toEqual(whole);
      }),
    );
  });

  test.each([
    ['what is no box', Uint8Array.of(0, 0, 0, 3, 1, 2, 3, 4)],
    ['a box of gigabytes', Uint8Array.of(0x7f, 0, 0, 0, 0x6d, 0x64, 0x61, 0x74)],
    ['a movie without a track', box('moov')],
    ['a track without a record', box('moov', box('trak', box('mdia', box('mdhd', new Uint8Array(24)))))],
    ['a fragment without its parts', box('moof', box('traf'))],
    ['data without a fragment', box('mdat', Uint8Array.of(1))],
  ])('%s is an error', (_, bytes) => {
    expect(() => new FragmentReader().push(bytes)).toThrow(/MP4|media data/);
  });

  test('data that is shorter than its fragment says is an error', () => {
    const sample = { durationTicks: 1, compositionOffsetTicks: 0, key: true, data: new Uint8Array(8) };
    const { bytes } = fragment(1, [{ trackId: 1, decodeTicks: 0, samples: [sample] }]);
    const moof = bytes.subarray(0, bytes.length - 16);
    expect(() => readIn([head, moof, box('mdat', Uint8Array.of(1))])).toThrow('cut off');
  });
});
