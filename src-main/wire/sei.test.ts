import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodePictureTimes, findPictureTimes, type PictureTimes, USER_DATA_UNREGISTERED } from '../../src-shared/picture-times.ts';
import { joinAvcc, withoutEmulation } from './nal.ts';
import { buildSei, firstSliceAt, type SeiCodec } from './sei.ts';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

const TIMES: PictureTimes = {
  epochUnixUs: 1_700_000_000_000_000,
  captureUs: 990_000,
  composeUs: 1_000_000,
  encodeInUs: 1_004_000,
  encodeOutUs: 1_013_000,
  sendUs: 1_014_500,
};
const SLICE = { h264: Uint8Array.of(0x65, 1, 2, 3), hevc: Uint8Array.of(0x26, 1, 2, 3) };

/** What a publisher does. */
function insert(codec: SeiCodec, accessUnit: Uint8Array, unit: Uint8Array): Uint8Array {
  const at = firstSliceAt(codec, accessUnit);
  return Uint8Array.from([...accessUnit.subarray(0, at), ...unit, ...accessUnit.subarray(at)]);
}

describe('building', () => {
  test.each([
    ['h264', 5, '0102', '00000006' + '06' + '05' + '02' + '0102' + '80'],
    ['hevc', 5, '0102', '00000007' + '4e01' + '05' + '02' + '0102' + '80'],
    ['h264', 300, '01', '00000006' + '06' + 'ff2d' + '01' + '01' + '80'],
    // H.264, 7.4.1: neither 000000 nor 000001, 000002, 000003 may be within a unit, also not across fields
    ['h264', 5, '000000', '00000008' + '06' + '05' + '03' + '00000300' + '80'],
    ['h264', 5, '00000300', '00000009' + '06' + '05' + '04' + '0000030300' + '80'],
    ['h264', 0, '00ff', '00000006' + '06' + '00' + '02' + '00ff' + '80'],
    ['h264', 5, '00000001', '00000009' + '06' + '05' + '04' + '0000030001' + '80'],
  ] as const)('%s, type %i, %s is %s', (codec, type, payload, expected) => {
    expect(hex(buildSei(codec, type, Uint8Array.from(Buffer.from(payload, 'hex'))))).toBe(expected);
  });

  test('property: without emulation prevention it is what was put in, and there is no start code in it', () => {
    const zeros = fc.uint8Array({ minLength: 1, maxLength: 600, max: 4 });
    fc.assert(
      fc.property(zeros, (payload) => {
        const unit = buildSei('h264', USER_DATA_UNREGISTERED, payload).subarray(4);
        expect(hex(unit)).not.toMatch(/^(..)*?00000[012]/);
        const plain = withoutEmulation(unit);
        expect(hex(plain.subarray(-payload.length - 1))).toBe(`${hex(payload)}80`);
      }),
    );
  });
});

describe('the place of a message', () => {
  test.each([
    ['h264', ['0910', '0600', '65aa'], 12],
    ['h264', ['41aa'], 0],
    ['h264', ['0600'], 6],
    ['hevc', ['4601', '4e01', '2601'], 12],
    ['hevc', ['0201'], 0],
  ] as const)('%s %j: at %i', (codec, units, at) => {
    expect(firstSliceAt(codec, joinAvcc(units.map((unit) => Uint8Array.from(Buffer.from(unit, 'hex')))))).toBe(at);
  });

  test('a broken access unit has none', () => {
    expect(firstSliceAt('h264', Uint8Array.of(0xff, 0xff, 0xff, 0xff, 6, 1))).toBe(6);
    expect(firstSliceAt('h264', Uint8Array.of(0, 0))).toBe(2);
  });
});

describe('times', () => {
  const us = fc.integer({ min: 0, max: 2 ** 32 - 2 });

  test.each(['h264', 'hevc'] as const)('property: %s: finding inverts inserting', (codec) => {
    fc.assert(
      fc.property(fc.nat(2 ** 52), fc.option(us), us, us, us, (composeUs, capture, encodeIn, encodeOut, send) => {
        const times = {
          epochUnixUs: TIMES.epochUnixUs,
          captureUs: capture === null ? null : composeUs - capture,
          composeUs,
          encodeInUs: composeUs + encodeIn,
          encodeOutUs: composeUs + encodeOut,
          sendUs: composeUs + send,
        };
        const other = buildSei(codec, USER_DATA_UNREGISTERED, new Uint8Array(700)).subarray(4);
        const unit = joinAvcc([other, SLICE[codec]]);
        expect(findPictureTimes(unit, codec)).toBeNull();
        expect(findPictureTimes(insert(codec, unit, buildSei(codec, USER_DATA_UNREGISTERED, encodePictureTimes(times))), codec)).toEqual(
          times,
        );
      }),
    );
  });

  test('what lies too far apart is cut off', () => {
    const unit = insert('h264', joinAvcc([SLICE.h264]), buildSei('h264', 5, encodePictureTimes({ ...TIMES, sendUs: 1e12, encodeInUs: 0 })));
    expect(findPictureTimes(unit, 'h264')).toEqual({ ...TIMES, encodeInUs: TIMES.composeUs, sendUs: TIMES.composeUs + 2 ** 32 - 2 });
  });

  test('property: any bytes are survived', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void findPictureTimes(bytes, 'h264')));
    const unit = joinAvcc([buildSei('h264', 5, encodePictureTimes(TIMES)).subarray(4), SLICE.h264]);
    for (let length = 0; length < unit.length - 8; length++) expect(findPictureTimes(unit.subarray(0, length), 'h264')).toBeNull();
  });

  test('a version to come is left alone', () => {
    const payload = encodePictureTimes(TIMES);
    payload[16] = 2;
    expect(findPictureTimes(insert('h264', joinAvcc([SLICE.h264]), buildSei('h264', 5, payload)), 'h264')).toBeNull();
  });
});
