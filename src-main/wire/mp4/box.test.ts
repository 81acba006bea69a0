import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { box, fullBox, i32, readBoxHeader, u8, u16, u32, u64 } from './box.ts';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'hex'));

test.each([
  ['bytes', u8(0, 255), '00ff'],
  ['16 bits', u16(1, 0xffff), '0001ffff'],
  ['32 bits', u32(1, 0xffff_ffff), '00000001ffffffff'],
  ['signed 32 bits', i32(-2, 2), 'fffffffe00000002'],
  ['64 bits', u64(1, 2 ** 32 + 2, 2 ** 53 - 1), '00000000000000010000000100000002001fffffffffffff'],
  ['an empty box', box('free'), '0000000866726565'],
  ['a box with parts', box('mdat', u8(1), u8(2, 3)), '0000000b6d646174010203'],
  ['a full box', fullBox('mfhd', 0, 0, u32(7)), '000000106d6668640000000000000007'],
  ['a full box with version and flags', fullBox('tfhd', 1, 0x02_0000), '0000000c7466686401020000'],
])('%s', (_, made, expected) => expect(hex(made)).toBe(expected));

describe('box header', () => {
  test.each([
    ['a size', '0000001066726565', { type: 'free', sizeBytes: 16, headerBytes: 8 }],
    ['a 64-bit size', '000000016d6461740000000100000010', { type: 'mdat', sizeBytes: 2 ** 32 + 16, headerBytes: 16 }],
    ['to the end of the file', '000000006d646174', { type: 'mdat', sizeBytes: null, headerBytes: 8 }],
  ])('%s', (_, text, expected) => expect(readBoxHeader(bytes(text))).toEqual(expected));

  test.each([
    ['seven bytes', '00000008667265'],
    ['zeros', '0000000000000000'],
    ['a size below the header', '0000000766726565'],
    ['half a 64-bit size', '000000016d64617400000001'],
    ['a 64-bit size below the header', '000000016d646174000000000000000f'],
    ['a type that is not text', '0000001001020304'],
  ])('none: %s', (_, text) => expect(readBoxHeader(bytes(text))).toBeNull());

  test('property: reads what box writes, for every payload size', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z]{4}$/), fc.nat(2_000), (type, size) => {
        expect(readBoxHeader(box(type, new Uint8Array(size)))).toEqual({ type, sizeBytes: 8 + size, headerBytes: 8 });
      }),
    );
  });

  test('property: never throws on any bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 24 }), (any) => void readBoxHeader(any)));
  });
});
