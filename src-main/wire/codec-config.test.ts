import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../../tests/support/hex.ts';
import {
  annexBToAvcc,
  avcConfigFromAnnexB,
  avcConfigSize,
  avccToAnnexB,
  buildAacConfig,
  buildAvcConfig,
  joinAnnexB,
  joinAvcc,
  parseAacConfig,
  parseAvcConfig,
  parseSps,
  splitAnnexB,
  splitAvcc,
} from './codec-config.ts';
import { WireError } from './wire-error.ts';

// x264, High profile, 320×180 at 30 fps, as FFmpeg 5.1 writes it into FLV
const SPS = '67 64000d acd941419f9f0110000003001000000303c0f1429960';
const PPS = '68ebe3cb22c0';
const RECORD = `01 64000d ff e1 001a ${SPS} 01 0006 ${PPS} fd f8 f8 00`;
// x264, Constrained Baseline, 1280×720
const BASELINE_SPS = '6742c01fda014016ec0440000003004000000f03c60ca8';

describe('avcC', () => {
  test('is built from Annex B extradata as FFmpeg builds it', () => {
    const extradata = fromHex(`00000001 ${SPS} 00000001 ${PPS}`);
    expect(toHex(avcConfigFromAnnexB(extradata))).toBe(toHex(fromHex(RECORD)));
  });

  test('is read back', () => {
    const config = parseAvcConfig(fromHex(RECORD));
    expect(config).toMatchObject({ profile: 100, constraints: 0, level: 13, lengthBytes: 4 });
    expect(config.sps.map(toHex)).toEqual([toHex(fromHex(SPS))]);
    expect(config.pps.map(toHex)).toEqual([toHex(fromHex(PPS))]);
    expect(avcConfigSize(fromHex(RECORD))).toEqual({ widthPx: 320, heightPx: 180 });
  });

  test.each(['', '01', '0164000dffe1', '0164000dffe1ffff67', '0064000dffe100', '0164000dfee100', '0164000dffe10000'])(
    'refuses %s',
    (hex) => {
      expect(() => parseAvcConfig(fromHex(hex))).toThrow(WireError);
    },
  );

  test('property: hostile bytes give a record or a WireError', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => onlyWireErrors(() => parseAvcConfig(bytes))));
    fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => onlyWireErrors(() => parseSps(Uint8Array.of(0x67, ...bytes)))));
  });

  test('needs both parameter sets', () => {
    expect(() => buildAvcConfig([fromHex(SPS)], [])).toThrow(WireError);
  });
});

describe('SPS', () => {
  test.each([
    [SPS, { profile: 100, widthPx: 320, heightPx: 180, chromaFormat: 1, bitDepthLuma: 8 }],
    [BASELINE_SPS, { profile: 66, widthPx: 1280, heightPx: 720, chromaFormat: 1, bitDepthLuma: 8 }],
  ])('%s', (hex, expected) => expect(parseSps(fromHex(hex))).toMatchObject(expected));

  test('cut off anywhere before its size is refused', () => {
    const sps = fromHex(SPS);
    for (let length = 0; length < 8; length += 1) expect(() => parseSps(sps.subarray(0, length))).toThrow(WireError);
  });
});

describe('NAL units', () => {
  test.each([
    ['00000001 0910 00000001 67aa 000001 68bb 000001 65cc', '00000002 65cc'],
    ['000001 41aa0000 000001 01bb 00', '00000002 41aa 00000002 01bb'],
    ['', ''],
    ['0000', ''],
    ['000001', ''],
  ])('Annex B %s becomes %s', (annexB, avcc) => expect(toHex(annexBToAvcc(fromHex(annexB)))).toBe(toHex(fromHex(avcc))));

  test('parameter sets stay on request', () => {
    const avcc = annexBToAvcc(fromHex('000001 67aa 000001 65cc'), { keepParameterSets: true });
    expect(toHex(avcc)).toBe('0000000267aa0000000265cc');
  });

  test.each(['000000', '00000005 65', 'ffffffff 65'])('length-prefixed %s is refused', (hex) => {
    expect(() => splitAvcc(fromHex(hex))).toThrow(WireError);
  });

  // a payload with neither start codes nor a trailing zero, as emulation prevention guarantees
  const unit = fc.array(fc.integer({ min: 1, max: 255 }), { minLength: 1, maxLength: 40 }).map((bytes) => Uint8Array.from(bytes));

  test('property: both forms give the units back', () => {
    fc.assert(
      fc.property(fc.array(unit, { maxLength: 8 }), (units) => {
        const expected = units.map(toHex);
        expect(splitAnnexB(joinAnnexB(units)).map(toHex)).toEqual(expected);
        expect(splitAvcc(joinAvcc(units)).map(toHex)).toEqual(expected);
        expect(splitAnnexB(avccToAnnexB(joinAvcc(units))).map(toHex)).toEqual(expected);
      }),
    );
  });
});

describe('AudioSpecificConfig', () => {
  test.each([
    [{ objectType: 2, sampleRateHz: 48_000, channels: 2 }, '1190'],
    [{ objectType: 2, sampleRateHz: 44_100, channels: 1 }, '1208'],
    [{ objectType: 2, sampleRateHz: 96_000, channels: 8 }, '1038'],
    [{ objectType: 2, sampleRateHz: 50_000, channels: 2 }, '178061a810'],
  ])('%j', (config, hex) => {
    expect(toHex(buildAacConfig(config))).toBe(hex);
    expect(parseAacConfig(fromHex(hex))).toEqual(config);
  });

  test('a sync extension after it is left alone', () => {
    expect(parseAacConfig(fromHex('119056e500'))).toEqual({ objectType: 2, sampleRateHz: 48_000, channels: 2 });
  });

  test.each(['', '11', '17', '0790', '1690'])('refuses %s', (hex) => expect(() => parseAacConfig(fromHex(hex))).toThrow(WireError));
});

function onlyWireErrors(run: () => unknown): void {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(WireError);
  }
}
