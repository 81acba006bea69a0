import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../../tests/support/hex.ts';
import { hevcNalType, hevcSample, parseHevcSps } from './hevc.ts';
import { buildHevcConfig, hevcConfigFromAnnexB, parseHevcConfig } from './hevc-config.ts';
import { splitAvcc } from './nal.ts';
import { WireError } from './wire-error.ts';

// x265 4.1 in FFmpeg 8.1, Main profile, BT.709 limited: 320×180 ultrafast, and 1280×720 with zero latency
const VPS = '40010c01ffff01600000030090000003000003003c959409';
const SPS = '42010101600000030090000003000003003ca00a080c1f3e595952930b9a808080820000030002000003003c10';
const PPS = '4401c073c189';
const SPS_720P = '42010101600000030090000003000003005da00280802d165ba4a4c2e6a020202080000003008000000f04';
const RECORD = `01 01 60000000 900000000000 3c f000 fc fd f8 f8 0000 0f 03
  a0 0001 0018 ${VPS} a1 0001 002d ${SPS} a2 0001 0006 ${PPS}`;

describe('SPS', () => {
  test.each([
    [SPS, { widthPx: 320, heightPx: 180, level: 60 }],
    [SPS_720P, { widthPx: 1280, heightPx: 720, level: 93 }],
  ])('%s', (hex, { level, ...size }) => {
    expect(parseHevcSps(fromHex(hex))).toMatchObject({
      ...size,
      general: { profile: 1, profileSpace: 0, highTier: false, level, compatibility: 0x60000000, constraints: fromHex('900000000000') },
      chromaFormat: 1,
      bitDepthLuma: 8,
      bitDepthChroma: 8,
      temporalLayers: 1,
      temporalIdNested: true,
      colour: { primaries: 1, transfer: 1, matrix: 1, fullRange: false },
    });
  });

  test('cut off anywhere before its size is refused', () => {
    const sps = fromHex(SPS);
    for (let length = 0; length < 20; length += 1) expect(() => parseHevcSps(sps.subarray(0, length))).toThrow(WireError);
  });

  test('property: hostile bytes give an SPS or a WireError', () => {
    const start = fromHex('4201 01 0160000003009000000300000300');
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), fc.integer({ min: 2, max: start.length }), (bytes, kept) =>
        onlyWireErrors(() => parseHevcSps(Uint8Array.of(...start.subarray(0, kept), ...bytes))),
      ),
    );
  });
});

describe('hvcC', () => {
  test('is built from Annex B extradata, SEI left out', () => {
    const extradata = fromHex(`00000001 ${VPS} 00000001 ${SPS} 00000001 ${PPS} 00000001 4e0105ff80`);
    expect(toHex(hevcConfigFromAnnexB(extradata))).toBe(toHex(fromHex(RECORD)));
  });

  test('is read back', () => {
    const { vps, sps, pps, ...rest } = parseHevcConfig(fromHex(RECORD));
    expect([vps, sps, pps].map((units) => units.map(toHex))).toEqual([[VPS], [SPS], [PPS]]);
    expect(rest).toMatchObject({
      chromaFormat: 1,
      bitDepthLuma: 8,
      bitDepthChroma: 8,
      lengthBytes: 4,
      temporalLayers: 1,
      temporalIdNested: true,
    });
    expect(rest.general).toEqual(parseHevcSps(fromHex(SPS)).general);
  });

  test('needs all three kinds of parameter sets', () => {
    expect(() => buildHevcConfig([fromHex(VPS)], [fromHex(SPS)], [])).toThrow(WireError);
    expect(() => buildHevcConfig([], [fromHex(SPS)], [fromHex(PPS)])).toThrow(WireError);
  });

  test('cut off anywhere is refused', () => {
    const record = fromHex(RECORD);
    for (let length = 0; length < record.length; length += 1) expect(() => parseHevcConfig(record.subarray(0, length))).toThrow(WireError);
  });

  test('property: hostile bytes give a record or a WireError', () => {
    const record = fromHex(RECORD);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: record.length - 1 }), fc.uint8Array({ minLength: 1, maxLength: 8 }), (at, noise) => {
        const broken = record.slice();
        broken.set(noise.subarray(0, record.length - at), at);
        onlyWireErrors(() => parseHevcConfig(broken));
      }),
    );
  });
});

test('a sample keeps SEI and slices, and loses parameter sets, delimiters and filler', () => {
  const sample = hevcSample(
    fromHex(`000001 460150 000001 ${VPS} 000001 ${SPS} 000001 ${PPS} 000001 4e0105 00000001 2601af 000001 4c01ff80`),
  );
  expect(splitAvcc(sample).map(hevcNalType)).toEqual([39, 19]);
  expect(toHex(sample)).toBe('000000034e0105000000032601af');
});

function onlyWireErrors(run: () => unknown): void {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(WireError);
  }
}
