import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromHex, toHex } from '../../../tests/support/hex.ts';
import { splitTracks } from './split-tracks.ts';

const AVC1 = '61766331';
const HVC1 = '68766331';
const MP4A = '6d703461';
const OPUS = '4f707573';

test.each<['video' | 'audio', string, string, [number, string][]]>([
  ['video', 'one picture of old goes on as it is', '17 01 000000 65', [[0, '17 01 000000 65']]],
  ['video', 'one picture of HEVC goes on as it is', `93 ${HVC1} 26`, [[0, `93 ${HVC1} 26`]]],
  ['video', 'one numbered track of H.264 leaves as of old', `96 00 ${AVC1} 01 0164`, [[1, '17 00 000000 0164']]],
  ['video', 'its composition time stays', `a6 01 ${AVC1} 00 000043 41`, [[0, '27 01 000043 41']]],
  [
    'video',
    'two tracks of a codec',
    `96 13 ${HVC1} 00 000001 26 01 000002 2601`,
    [0, 1].map((id) => [id, `93 ${HVC1} 26${id ? '01' : ''}`]),
  ],
  [
    'video',
    'two tracks of two codecs behind a time offset, which is left out',
    `97 02 000001 06 21 ${HVC1} 00 000004 000005 26 ${AVC1} 02 000004 ffffff 65`,
    [
      [0, `91 ${HVC1} 000005 26`],
      [2, '17 01 ffffff 65'],
    ],
  ],
  ['video', 'a modifier before one track', `a7 02 07a120 01 ${HVC1} 000000 02`, [[0, `a3 ${HVC1} 02`]]],
  ['video', 'colours are no media', `96 04 ${HVC1} 00 02`, []],
  ['video', 'a track that is longer than its tag', `96 11 ${AVC1} 00 000009 01`, []],
  ['video', 'a list in a list', `96 16 ${AVC1} 00`, []],
  ['audio', 'a sound of old goes on as it is', 'af 01 21', [[0, 'af 01 21']]],
  ['audio', 'AAC numbered leaves as of old', `95 01 ${MP4A} 01 21`, [[1, 'af 01 21']]],
  [
    'audio',
    'AAC and Opus',
    `95 20 ${MP4A} 00 000002 1190 ${OPUS} 01 000001 4f`,
    [
      [0, 'af 00 1190'],
      [1, `90 ${OPUS} 4f`],
    ],
  ],
])('%s: %s', (kind, _, hex, tracks) => {
  const split = splitTracks(kind, fromHex(hex)).map(({ track, body }) => [track, toHex(body)]);
  expect(split).toEqual(tracks.map(([track, body]) => [track, toHex(fromHex(body))]));
});

test('property: hostile tags are left out or taken apart, never thrown at the connection', () => {
  const first = { video: fc.constantFrom(0x96, 0xa6, 0x97, 0xd7), audio: fc.constantFrom(0x95, 0x97) };
  for (const kind of ['video', 'audio'] as const)
    fc.assert(
      fc.property(first[kind], fc.uint8Array({ maxLength: 60 }), (byte, rest) => {
        splitTracks(kind, Uint8Array.of(byte, ...rest));
      }),
    );
});
