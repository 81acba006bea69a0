import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../../tests/support/hex.ts';
import { av1ConfigFromObus, parseAv1Config, parseAv1Sequence } from './av1.ts';
import { av1Sample, joinObus, leb128, OBU, type Obu, readLeb128, splitObus } from './obu.ts';
import { WireError } from './wire-error.ts';

// SVT-AV1 3.1.2 in FFmpeg 8.1: 320×180, Main profile, 8 bit, BT.709 limited
const SEQUENCE = '0a0e 000000043cfecc02f81010101040';

describe('OBUs', () => {
  test.each([
    [0, '00'],
    [127, '7f'],
    [128, '8001'],
    [300, 'ac02'],
    [0xffffffff, 'ffffffff0f'],
  ])('%i as leb128', (value, hex) => {
    expect(toHex(Uint8Array.from(leb128(value)))).toBe(hex);
    expect(readLeb128(fromHex(hex), 0)).toEqual({ value, bytes: hex.length / 2 });
  });

  test.each([
    ['a delimiter goes', `1200 ${SEQUENCE} 3201aa`, `${SEQUENCE} 3201aa`],
    ['padding and tile lists go', '7a0100 4200 3201aa', '3201aa'],
    ['the last gets its size', '1200 30aabb', '3202aabb'],
    ['an extension stays', '36 08 01aa', '36 08 01aa'],
    ['an OBU of metadata stays', '2a0101', '2a0101'],
    ['nothing', '', ''],
  ])('%s', (_, unit, sample) => expect(toHex(av1Sample(fromHex(unit)))).toBe(toHex(fromHex(sample))));

  test.each(['3202aa', '32', '36', '8a00', '32ffffffffff', '32ffffffffffffffff01'])('%s is refused', (hex) => {
    expect(() => splitObus(fromHex(hex))).toThrow(WireError);
  });

  const obu: fc.Arbitrary<Obu> = fc.record({
    type: fc.constantFrom(OBU.sequenceHeader, OBU.frameHeader, OBU.frame, OBU.metadata),
    extension: fc.option(fc.integer({ min: 0, max: 255 })),
    payload: fc.uint8Array({ maxLength: 300 }),
  });

  test('property: what is joined is split again', () => {
    fc.assert(fc.property(fc.array(obu, { maxLength: 6 }), (obus) => void expect(splitObus(joinObus(obus))).toEqual(obus)));
  });

  test('property: hostile bytes give OBUs or a WireError', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => onlyWireErrors(() => av1Sample(bytes))));
  });
});

describe('av1C', () => {
  const record = fromHex(`81 00 0c 00 ${SEQUENCE}`);

  test('is built from extradata, and from a temporal unit', () => {
    expect(toHex(av1ConfigFromObus(fromHex(SEQUENCE)))).toBe(toHex(record));
    expect(toHex(av1ConfigFromObus(fromHex(`1200 ${SEQUENCE} 3201aa`)))).toBe(toHex(record));
  });

  test('is read back', () => {
    expect(parseAv1Config(record)).toEqual({
      profile: 0,
      level: 0,
      highTier: false,
      widthPx: 320,
      heightPx: 180,
      bitDepth: 8,
      monochrome: false,
      subsamplingX: true,
      subsamplingY: true,
      chromaSamplePosition: 0,
      colour: { primaries: 1, transfer: 1, matrix: 1, fullRange: false },
    });
  });

  test.each(['', '81', '81000c00', '01000c000a0e000000043cfecc02f81010101040', '81000c003201aa'])('%s is refused', (hex) => {
    expect(() => parseAv1Config(fromHex(hex))).toThrow(WireError);
  });

  test('without a sequence header there is none', () => expect(() => av1ConfigFromObus(fromHex('1200 3201aa'))).toThrow(WireError));

  test('property: hostile bytes give a sequence or a WireError', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => onlyWireErrors(() => parseAv1Sequence(bytes))));
  });
});

function onlyWireErrors(run: () => unknown): void {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(WireError);
  }
}
