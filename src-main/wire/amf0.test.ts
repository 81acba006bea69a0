import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromHex, toHex } from '../../tests/support/hex.ts';
import { AMF_DEPTH_MAX, AMF_VALUES_MAX, AmfArray, type AmfValue, asObject, decode, encode } from './amf0.ts';
import { WireError } from './wire-error.ts';

test.each<[AmfValue, string]>([
  [1.5, '00 3ff8000000000000'],
  [true, '01 01'],
  [false, '01 00'],
  ['live', '02 0004 6c697665'],
  ['', '02 0000'],
  ['é', '02 0002 c3a9'],
  [null, '05'],
  [undefined, '06'],
  [{ app: 'live', n: 0 }, '03 0003 617070 02 0004 6c697665 0001 6e 00 0000000000000000 0000 09'],
  [{}, '03 0000 09'],
  [new AmfArray({ w: true }), '08 00000001 0001 77 0101 0000 09'],
  [[null, 'a'], '0a 00000002 05 02000161'],
  [new Date(1_000), '0b 408f400000000000 0000'],
])('%j ↔ %s', (value, hex) => {
  expect(toHex(encode([value]))).toBe(hex.replaceAll(' ', ''));
  expect(decode(fromHex(hex))).toEqual([value]);
});

test('a string over 65,535 bytes is a long string', () => {
  const long = 'x'.repeat(65_536);
  const bytes = encode([long]);
  expect(toHex(bytes.subarray(0, 5))).toBe('0c00010000');
  expect(decode(bytes)).toEqual([long]);
});

test.each([
  ['typed object', '10 0003 466f6f 0001 61 05 0000 09', { a: null }],
  ['unsupported', '0d', undefined],
  ['XML', '0f 00000002 3c3e', '<>'],
  ['an ECMA array whose count is wrong', '08 000000ff 0001 61 05 0000 09', new AmfArray({ a: null })],
])('reads %s', (_name, hex, value) => expect(decode(fromHex(hex))).toEqual([value]));

test.each([
  ['a number cut off', '00 3ff8'],
  ['a string cut off', '02 0004 6c69'],
  ['a long string of 4 GiB', '0c ffffffff 00'],
  ['an object without end', '03 0001 61 05'],
  ['an empty key that is no end', '03 0000 05'],
  ['a strict array of 2^32 values', '0a ffffffff 05'],
  ['a reference', '07 0000'],
  ['an AMF3 switch', '11 00'],
  ['a movie clip', '04'],
])('refuses %s', (_name, hex) => expect(() => decode(fromHex(hex))).toThrow(WireError));

test('refuses nesting that would exhaust the stack', () => {
  const nested = (depth: number) => `${'0a00000001'.repeat(depth)}05`;
  expect(() => decode(fromHex(nested(AMF_DEPTH_MAX + 1)))).toThrow(/nested/);
  expect(() => decode(fromHex(nested(50_000)))).toThrow(/nested/);
  expect(decode(fromHex(nested(AMF_DEPTH_MAX)))).toHaveLength(1);
});

test('refuses a message of too many values', () => {
  expect(() => decode(new Uint8Array(AMF_VALUES_MAX + 1).fill(0x05))).toThrow(/more than/);
});

test('a key of __proto__ stays a key', () => {
  const [value] = decode(fromHex('03 0009 5f5f70726f746f5f5f 03 0001 78 0101 0000 09 0000 09'));
  expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  expect(({} as { x?: boolean }).x).toBeUndefined();
});

test('asObject takes objects and ECMA arrays only', () => {
  expect(asObject({ a: 1 })).toEqual({ a: 1 });
  expect(asObject(new AmfArray({ a: 1 }))).toEqual({ a: 1 });
  for (const other of [1, 'a', null, undefined, [1], new Date(0)]) expect(asObject(other)).toBeNull();
});

const key = fc.string({ minLength: 1, maxLength: 12 }).filter((text) => text !== '__proto__');
const { value: amfValue } = fc.letrec<{ value: AmfValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    fc.double({ noNaN: true }),
    fc.boolean(),
    fc.string({ unit: 'grapheme', maxLength: 30 }),
    fc.constant(null),
    fc.constant(undefined),
    fc.date({ noInvalidDate: true }),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(key, tie('value'), { maxKeys: 4, noNullPrototype: true }),
    fc.dictionary(key, tie('value'), { maxKeys: 4, noNullPrototype: true }).map((entries) => new AmfArray(entries)),
  ),
}));

test('property: decode inverts encode', () => {
  fc.assert(
    fc.property(fc.array(amfValue, { maxLength: 5 }), (values) => {
      expect(decode(encode(values))).toEqual(values);
    }),
  );
});

test('property: hostile bytes give values or a WireError', () => {
  const markers = fc.array(fc.oneof(fc.constantFrom(0, 1, 2, 3, 5, 8, 9, 10, 12), fc.nat(255)), { maxLength: 200 });
  fc.assert(
    fc.property(markers, (bytes) => {
      try {
        decode(Uint8Array.from(bytes));
      } catch (error) {
        expect(error).toBeInstanceOf(WireError);
      }
    }),
    { numRuns: 1_000 },
  );
});
