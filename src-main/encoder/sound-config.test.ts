import { expect, test } from 'vitest';
import { parseAacConfig } from '../wire/codec-config.ts';
import { parseOpusHead } from '../wire/opus.ts';
import { soundConfig } from './sound-config.ts';

const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
/** as FFmpeg's muxer writes it, with lengths of four bytes (ISO/IEC 14496-1, 8.3.3) */
const ESDS = bytes('00000000 0380808027 000100 0480808019 40 15 000000 0001f400 0001f400 0580808007 119056e5000000 068080800102');

test('AAC: the AudioSpecificConfig lies in three descriptors', () => {
  const config = soundConfig('aac', ESDS);
  expect(Buffer.from(config).toString('hex')).toBe('119056e5000000');
  expect(parseAacConfig(config)).toEqual({ objectType: 2, sampleRateHz: 48_000, channels: 2 });
});

test('Opus: the fields of dOps, which are big-endian, become an identification header', () => {
  expect(parseOpusHead(soundConfig('opus', bytes('00 02 0138 0000bb80 ffff 00')))).toEqual({
    channels: 2,
    preSkipSamples: 312,
    sourceRateHz: 48_000,
    outputGain: -1,
    mapping: null,
  });
});

test.each([
  ['aac', ESDS.subarray(0, 20)],
  ['aac', bytes('00000000 0480808000')],
  ['opus', bytes('00 02 0138')],
] as const)('%s that is broken is an error', (codec, box) => {
  expect(() => soundConfig(codec, box)).toThrow(/esds|dOps/);
});
