import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../../tests/support/hex.ts';
import { encode } from './amf0.ts';
import {
  type AacBody,
  type AvcBody,
  buildAacBody,
  buildAvcBody,
  buildFileHeader,
  buildMetadata,
  buildTag,
  FlvReader,
  type FlvTag,
  parseAudioBody,
  parseMetadata,
  parseVideoBody,
} from './flv.ts';
import { WireError } from './wire-error.ts';

const HEADER = '464c5601 05 00000009 00000000';

test.each([
  [{ video: true, audio: true }, '05'],
  [{ video: true, audio: false }, '01'],
  [{ video: false, audio: true }, '04'],
])('file header %j', (has, flags) => expect(toHex(buildFileHeader(has))).toBe(`464c5601${flags}0000000900000000`));

describe('tags', () => {
  test.each<[number, string]>([
    [0, '000000 00'],
    [0xffffff, 'ffffff 00'],
    [0x01000002, '000002 01'],
    [0xffffffff, 'ffffff ff'],
  ])('at %i ms', (timestampMs, time) => {
    const tag = { type: 9, timestampMs, data: Uint8Array.of(1, 2) };
    const hex = `09 000002 ${time} 000000 0102 0000000d`;
    expect(toHex(buildTag(tag))).toBe(hex.replaceAll(' ', ''));
    expect(new FlvReader().feed(fromHex(HEADER + hex))).toEqual([tag]);
  });

  const anyTag = fc.record({
    type: fc.constantFrom(8, 9, 18),
    timestampMs: fc.integer({ min: 0, max: 0xffffffff }),
    data: fc.uint8Array({ maxLength: 300 }),
  });

  test('property: a reader fed in any pieces gives the tags back', () => {
    fc.assert(
      fc.property(fc.array(anyTag, { maxLength: 8 }), fc.integer({ min: 1, max: 400 }), (tags, step) => {
        const file = fromHex(HEADER + tags.map((tag) => toHex(buildTag(tag))).join(''));
        const reader = new FlvReader();
        const back: FlvTag[] = [];
        for (let at = 0; at < file.length; at += step) back.push(...reader.feed(file.subarray(at, at + step)));
        expect(back).toEqual(tags);
      }),
    );
  });

  test('another format is refused', () => {
    expect(() => new FlvReader().feed(fromHex('000000206674797069736f6d00000200'))).toThrow(WireError);
  });
});

describe('video bodies', () => {
  test.each<[Omit<AvcBody, 'codec'>, string]>([
    [{ key: true, packet: 'header', compositionMs: 0, data: Uint8Array.of(1) }, '17 00 000000 01'],
    [{ key: true, packet: 'nalu', compositionMs: 0, data: Uint8Array.of(0x65) }, '17 01 000000 65'],
    [{ key: false, packet: 'nalu', compositionMs: 67, data: Uint8Array.of(0x41) }, '27 01 000043 41'],
    [{ key: false, packet: 'nalu', compositionMs: -1, data: Uint8Array.of(0x41) }, '27 01 ffffff 41'],
    [{ key: true, packet: 'end', compositionMs: 0, data: new Uint8Array(0) }, '17 02 000000'],
  ])('%j', (body, hex) => {
    expect(toHex(buildAvcBody(body))).toBe(hex.replaceAll(' ', ''));
    expect(parseVideoBody(fromHex(hex))).toEqual({ codec: 'avc', ...body });
  });

  test.each(['', '17', '1701', '17010000', '12 01 000000', '57 00', '17 03 000000', '90 68766331', 'f7 01 000000'])('refuses %s', (hex) => {
    expect(() => parseVideoBody(fromHex(hex))).toThrow(WireError);
  });

  test('refuses a composition time over 24 bits', () => {
    expect(() => buildAvcBody({ key: false, packet: 'nalu', compositionMs: 0x800000, data: new Uint8Array(0) })).toThrow(WireError);
  });
});

describe('audio bodies', () => {
  test.each<[Omit<AacBody, 'codec'>, string]>([
    [{ packet: 'header', data: Uint8Array.of(0x11, 0x90) }, 'af 00 1190'],
    [{ packet: 'frame', data: Uint8Array.of(0x21) }, 'af 01 21'],
  ])('%j', (body, hex) => {
    expect(toHex(buildAacBody(body))).toBe(hex.replaceAll(' ', ''));
    expect(parseAudioBody(fromHex(hex))).toEqual({ codec: 'aac', ...body });
  });

  test.each(['', 'af', '2f 00', 'af 02'])('refuses %s', (hex) => expect(() => parseAudioBody(fromHex(hex))).toThrow(WireError));
});

test('onMetaData, with and without @setDataFrame', () => {
  const body = buildMetadata({ width: 1280 });
  expect(toHex(body)).toBe('02000a6f6e4d65746144617461 08 00000001 0005 7769647468 00 4094000000000000 0000 09'.replaceAll(' ', ''));
  expect(parseMetadata(body)).toEqual({ width: 1280 });
  expect(parseMetadata(Uint8Array.of(...encode(['@setDataFrame']), ...body))).toEqual({ width: 1280 });
  expect(parseMetadata(encode(['onTextData', {}]))).toBeNull();
});

test.each([
  ['video', parseVideoBody],
  ['audio', parseAudioBody],
  ['metadata', parseMetadata],
])('property: hostile %s bytes give a body or a WireError', (_name, parse) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      try {
        parse(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(WireError);
      }
    }),
  );
});
