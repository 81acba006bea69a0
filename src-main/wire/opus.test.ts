import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromHex, toHex } from '../../tests/support/hex.ts';
import { buildOpusHead, type OpusConfig, opusPacketSamples, parseOpusHead } from './opus.ts';
import { WireError } from './wire-error.ts';

const MAGIC = '4f70757348656164';

test.each<[string, OpusConfig, string]>([
  [
    'stereo as libopus in FFmpeg 8.1 writes it',
    { channels: 2, preSkipSamples: 312, sourceRateHz: 48_000, outputGain: 0, mapping: null },
    `${MAGIC} 01 02 3801 80bb0000 0000 00`,
  ],
  [
    'mono, quieter',
    { channels: 1, preSkipSamples: 0, sourceRateHz: 44_100, outputGain: -256, mapping: null },
    `${MAGIC} 01 01 0000 44ac0000 00ff 00`,
  ],
  [
    'three channels',
    {
      channels: 3,
      preSkipSamples: 312,
      sourceRateHz: 48_000,
      outputGain: 0,
      mapping: { family: 1, streams: 2, coupled: 1, channels: Uint8Array.of(0, 2, 1) },
    },
    `${MAGIC} 01 03 3801 80bb0000 0000 01 02 01 000201`,
  ],
])('%s', (_, config, hex) => {
  expect(toHex(buildOpusHead(config))).toBe(toHex(fromHex(hex)));
  expect(parseOpusHead(fromHex(hex))).toEqual(config);
});

test.each([
  '',
  MAGIC,
  `${MAGIC} 11 02 3801 80bb0000 0000 00`,
  `${MAGIC} 01 00 3801 80bb0000 0000 00`,
  `${MAGIC} 01 03 3801 80bb0000 0000 00`,
])('refuses %s', (hex) => expect(() => parseOpusHead(fromHex(hex))).toThrow(WireError));

// RFC 6716, 3.1 and 3.2
test.each([
  ['00', 480],
  ['18', 2_880],
  ['60', 480],
  ['78', 960],
  ['80', 120],
  ['fc', 960],
  ['fd', 1_920],
  ['ff03', 2_880],
])('packet %s lasts %i samples', (hex, samples) => expect(opusPacketSamples(fromHex(hex))).toBe(samples));

test.each(['', 'ff', 'ff00', 'ff3f', '1b03'])('packet %s is refused', (hex) => {
  expect(() => opusPacketSamples(fromHex(hex))).toThrow(WireError);
});

test('property: hostile bytes give a header or a WireError', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 30 }), (bytes) => {
      try {
        parseOpusHead(Uint8Array.of(...fromHex(MAGIC), 1, ...bytes));
      } catch (error) {
        expect(error).toBeInstanceOf(WireError);
      }
    }),
  );
});
