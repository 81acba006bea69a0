import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../../tests/support/hex.ts';
import { fourCcNumber } from './flv-extended.ts';
import {
  buildChannelLayout,
  buildExAudioBody,
  type ChannelLayout,
  type ExAudioBody,
  isExAudioBody,
  parseChannelLayout,
  parseExAudioBody,
} from './flv-extended-audio.ts';
import {
  buildColourInfo,
  buildExVideoBody,
  type ExVideoBody,
  isExVideoBody,
  parseExVideoBody,
  parseVideoMetadata,
} from './flv-extended-video.ts';
import { WireError } from './wire-error.ts';

const HVC1 = '68766331';
const AV01 = '61763031';
const AVC1 = '61766331';
const OPUS = '4f707573';
const MP4A = '6d703461';
const plain = { nanoOffset: null, list: null };
const data = (...bytes: number[]) => Uint8Array.from(bytes);

test('a codec as metadata carry it', () => {
  expect([fourCcNumber('av01'), fourCcNumber('Opus')]).toEqual([1_635_135_537, 1_332_770_163]); // the specification's own examples
});

describe('video bodies', () => {
  const hevc = (compositionMs: number, bytes: Uint8Array, id = 0) => ({ id, fourCc: 'hvc1', compositionMs, data: bytes });
  const av1 = (bytes: Uint8Array, id = 0) => ({ id, fourCc: 'av01', compositionMs: 0, data: bytes });

  test.each<[string, Omit<ExVideoBody, 'codec'>, string]>([
    ['HEVC header', { ...plain, key: true, packet: 'header', tracks: [hevc(0, data(1))] }, `90 ${HVC1} 01`],
    ['HEVC IDR without composition time', { ...plain, key: true, packet: 'nalu', tracks: [hevc(0, data(7))] }, `93 ${HVC1} 07`],
    ['HEVC composed 67 ms later', { ...plain, key: false, packet: 'nalu', tracks: [hevc(67, data(7))] }, `a1 ${HVC1} 000043 07`],
    ['HEVC composed 1 ms earlier', { ...plain, key: false, packet: 'nalu', tracks: [hevc(-1, data(7))] }, `a1 ${HVC1} ffffff 07`],
    ['AV1 has no composition time', { ...plain, key: true, packet: 'nalu', tracks: [av1(data(7))] }, `91 ${AV01} 07`],
    ['the end', { ...plain, key: true, packet: 'end', tracks: [av1(data())] }, `92 ${AV01}`],
    [
      'half a millisecond later',
      { list: null, nanoOffset: 500_000, key: false, packet: 'nalu', tracks: [av1(data(7))] },
      `a7 02 07a120 01 ${AV01} 07`,
    ],
    ['one numbered track', { ...plain, list: 'one', key: true, packet: 'nalu', tracks: [av1(data(7), 3)] }, `96 01 ${AV01} 03 07`],
    [
      'two tracks of HEVC, one composed',
      { ...plain, list: 'many', key: false, packet: 'nalu', tracks: [hevc(33, data(7)), hevc(0, data(8, 9), 1)] },
      `a6 11 ${HVC1} 00 000004 000021 07 01 000005 000000 0809`,
    ],
    [
      'two codecs',
      {
        ...plain,
        list: 'many-codecs',
        key: true,
        packet: 'header',
        tracks: [{ id: 0, fourCc: 'avc1', compositionMs: 0, data: data(1) }, av1(data(2), 1)],
      },
      `96 20 ${AVC1} 00 000001 01 ${AV01} 01 000001 02`,
    ],
    [
      'two codecs, with a time offset',
      { nanoOffset: 1, list: 'many-codecs', key: true, packet: 'nalu', tracks: [hevc(5, data(1)), av1(data(2), 1)] },
      `97 02 000001 06 21 ${HVC1} 00 000004 000005 01 ${AV01} 01 000001 02`,
    ],
  ])('%s', (_, body, hex) => {
    expect(toHex(buildExVideoBody(body))).toBe(toHex(fromHex(hex)));
    expect(isExVideoBody(fromHex(hex))).toBe(true);
    expect(parseExVideoBody(fromHex(hex))).toEqual({ codec: 'extended', ...body });
  });

  test('as many tracks as there are numbers, of no bytes', () => {
    const tracks = Array.from({ length: 256 }, (_, id) => av1(data(), id));
    expect(parseExVideoBody(buildExVideoBody({ ...plain, list: 'many', key: true, packet: 'nalu', tracks })).tracks).toEqual(tracks);
  });

  test('modifiers that nobody knows are left out, long ones too', () => {
    const long = `ff 012b ${'00'.repeat(300)}`;
    expect(parseExVideoBody(fromHex(`a7 00 aa 17 ${long} 11 ${AV01} 07`))).toMatchObject({
      packet: 'nalu',
      nanoOffset: null,
      tracks: [av1(data(7))],
    });
  });

  test.each([
    ['nothing', ''],
    ['an old header', '1700000000'],
    ['no codec', '90'],
    ['half a codec', '916176'],
    ['a codec of other characters', '9100000001'],
    ['a cut-off composition time', `a1 ${HVC1} 0000`],
    ['a command', `d1 ${AV01} 00`],
    ['an unknown packet', `98 ${AV01}`],
    ['a cut-off modifier', 'a7 02 07a1'],
    ['a modifier without an end', 'a7 02 07a120'],
    ['modifiers without end', `a7 ${'00 aa 17 '.repeat(17)}`],
    ['more modifiers than there are kinds', `a7 ${'00 aa 17 '.repeat(16)} 00 aa 11 ${AV01} 07`],
    ['a long modifier that is cut off', 'a7 ff 012b 00'],
    ['a modifier without a size', 'a7 ff 01'],
    ['an offset of more than a millisecond', `a7 02 0f4240 01 ${AV01} 07`],
    ['a list in a list', `96 16 ${AV01}`],
    ['a list in a list behind a modifier', `97 02 000001 06 16 ${AV01}`],
    ['a modifier in a list', `96 17 ${AV01} 02 000001 01`],
    ['an unknown list', `96 31 ${AV01}`],
    ['one track without a number', `96 01 ${AV01}`],
    ['a track without a size', `96 11 ${AV01} 00 0000`],
    ['a second track that is cut off', `96 11 ${AV01} 00 000001 07 01 0000`],
    ['a second track without its codec', `96 21 ${AV01} 00 000001 07 6176`],
    ['a composition time that is longer than its track', `96 11 ${HVC1} 00 000002 0000 01 000003 000000`],
    ['a list without tracks', `96 11 ${AV01}`],
    ['a track longer than its tag', `96 11 ${AV01} 00 000003 0102`],
    ['a track twice', `96 11 ${AV01} 00 000001 01 00 000001 02`],
  ])('refuses %s', (_, hex) => expect(() => parseExVideoBody(fromHex(hex))).toThrow(WireError));

  test.each<[string, Omit<ExVideoBody, 'codec'>]>([
    ['AV1 with a composition time', { ...plain, key: true, packet: 'nalu', tracks: [{ ...av1(data(1)), compositionMs: 1 }] }],
    ['a composition time over 24 bits', { ...plain, key: true, packet: 'nalu', tracks: [hevc(0x800000, data(1))] }],
    ['two tracks that are not numbered', { ...plain, key: true, packet: 'nalu', tracks: [hevc(0, data(1)), hevc(0, data(1), 1)] }],
    ['two codecs in a list of one', { ...plain, list: 'many', key: true, packet: 'nalu', tracks: [hevc(0, data(1)), av1(data(1), 1)] }],
    ['no track', { ...plain, list: 'many', key: true, packet: 'nalu', tracks: [] }],
    ['a whole millisecond of offset', { list: null, nanoOffset: 1_000_000, key: true, packet: 'nalu', tracks: [av1(data(1))] }],
  ])('does not write %s', (_, body) => expect(() => buildExVideoBody(body)).toThrow(WireError));
});

describe('audio bodies', () => {
  const opus = (bytes: Uint8Array, id = 0) => ({ id, fourCc: 'Opus', data: bytes });
  test.each<[string, Omit<ExAudioBody, 'codec'>, string]>([
    ['Opus header', { ...plain, packet: 'header', tracks: [opus(data(1))] }, `90 ${OPUS} 01`],
    ['Opus frame', { ...plain, packet: 'frame', tracks: [opus(data(7))] }, `91 ${OPUS} 07`],
    ['the end', { ...plain, packet: 'end', tracks: [opus(data())] }, `92 ${OPUS}`],
    ['channels', { ...plain, packet: 'channels', tracks: [opus(data(0, 2))] }, `94 ${OPUS} 0002`],
    [
      'a second track of AAC',
      { ...plain, list: 'one', packet: 'frame', tracks: [{ id: 1, fourCc: 'mp4a', data: data(7) }] },
      `95 01 ${MP4A} 01 07`,
    ],
    [
      'two tracks, a nanosecond later',
      { nanoOffset: 1, list: 'many', packet: 'frame', tracks: [opus(data(7)), opus(data(8), 1)] },
      `97 02 000001 05 11 ${OPUS} 00 000001 07 01 000001 08`,
    ],
  ])('%s', (_, body, hex) => {
    expect(toHex(buildExAudioBody(body))).toBe(toHex(fromHex(hex)));
    expect(isExAudioBody(fromHex(hex))).toBe(true);
    expect(parseExAudioBody(fromHex(hex))).toEqual({ codec: 'extended', ...body });
  });

  test.each(['', 'af00', '90', '91 4f70', `93 ${OPUS}`, `95 15 ${OPUS}`])('refuses %s', (hex) => {
    expect(() => parseExAudioBody(fromHex(hex))).toThrow(WireError);
  });

  test.each<[ChannelLayout, string]>([
    [{ order: 'unspecified', channels: 2 }, '0002'],
    [{ order: 'native', channels: 6, mask: 0x3f }, '01060000003f'],
    [{ order: 'custom', channels: 2, speakers: data(1, 254) }, '020201fe'],
  ])('%j', (layout, hex) => {
    expect(toHex(buildChannelLayout(layout))).toBe(hex);
    expect(parseChannelLayout(fromHex(hex))).toEqual(layout);
  });

  test.each(['', '00', '0206', '01060000', '0302'])('channels %s are refused', (hex) => {
    expect(() => parseChannelLayout(fromHex(hex))).toThrow(WireError);
  });
});

describe('properties', () => {
  const nanoOffset = fc.option(fc.integer({ min: 0, max: 999_999 }));
  const bytes = fc.uint8Array({ maxLength: 40 });
  /** numbered without repeats; one codec unless the list takes several */
  const tracksOf = <T extends { id: number; fourCc: string }>(list: ExVideoBody['list'], tracks: T[]): T[] =>
    list === null || list === 'one'
      ? tracks.slice(0, 1).map((track) => ({ ...track, id: list === null ? 0 : track.id }))
      : tracks.map((track, id) => ({ ...track, id, fourCc: list === 'many' ? (tracks[0] as T).fourCc : track.fourCc }));
  const list = fc.constantFrom<ExVideoBody['list']>(null, 'one', 'many', 'many-codecs');

  const videoTrack = fc.record({
    id: fc.integer({ min: 0, max: 255 }),
    fourCc: fc.constantFrom('avc1', 'hvc1', 'av01', 'vp09'),
    compositionMs: fc.integer({ min: -0x800000, max: 0x7fffff }),
    data: bytes,
  });
  const video = fc
    .record({
      key: fc.boolean(),
      packet: fc.constantFrom<ExVideoBody['packet']>('header', 'nalu', 'end', 'metadata', 'mpegts-header'),
      nanoOffset,
      list,
      tracks: fc.array(videoTrack, { minLength: 1, maxLength: 5 }),
    })
    .map((body) => ({
      ...body,
      tracks: tracksOf(body.list, body.tracks).map((track) => ({
        ...track,
        compositionMs: body.packet === 'nalu' && !/av01|vp09/.test(track.fourCc) ? track.compositionMs : 0,
      })),
    }));

  test('property: a video body that is written is read back', () => {
    fc.assert(fc.property(video, (body) => void expect(parseExVideoBody(buildExVideoBody(body))).toEqual({ codec: 'extended', ...body })));
  });

  const audioTrack = fc.record({ id: fc.integer({ min: 0, max: 255 }), fourCc: fc.constantFrom('mp4a', 'Opus', 'fLaC'), data: bytes });
  const audio = fc
    .record({
      packet: fc.constantFrom<ExAudioBody['packet']>('header', 'frame', 'end', 'channels'),
      nanoOffset,
      list,
      tracks: fc.array(audioTrack, { minLength: 1, maxLength: 5 }),
    })
    .map((body) => ({ ...body, tracks: tracksOf(body.list, body.tracks) }));

  test('property: an audio body that is written is read back', () => {
    fc.assert(fc.property(audio, (body) => void expect(parseExAudioBody(buildExAudioBody(body))).toEqual({ codec: 'extended', ...body })));
  });

  const hostile = fc.oneof(
    fc.uint8Array({ maxLength: 60 }),
    video
      .map(buildExVideoBody)
      .chain((body) => fc.tuple(fc.constant(body), fc.nat(body.length), fc.integer({ min: 0, max: 255 })))
      .map(([body, at, byte]) => {
        const broken = body.slice();
        if (at < broken.length) broken[at] = byte;
        return broken;
      }),
  );
  test.each<[string, (body: Uint8Array) => unknown]>([
    ['video', parseExVideoBody],
    ['audio', parseExAudioBody],
    ['metadata', parseVideoMetadata],
    ['channel layout', parseChannelLayout],
  ])('property: hostile %s bytes give a body or a WireError', (_, parse) => {
    fc.assert(
      fc.property(hostile, (body) => {
        try {
          parse(body);
        } catch (error) {
          expect(error).toBeInstanceOf(WireError);
        }
      }),
    );
  });
});

describe('colour of the pictures to follow', () => {
  test('HDR10', () => {
    const display = {
      redX: 0.68,
      redY: 0.32,
      greenX: 0.265,
      greenY: 0.69,
      blueX: 0.15,
      blueY: 0.06,
      whitePointX: 0.3127,
      whitePointY: 0.329,
      maxLuminance: 1_000,
      minLuminance: 0.005,
    };
    const info = { bitDepth: 10, colour: { primaries: 9, transfer: 16, matrix: 9 }, light: { maxFrameAverage: 400, max: 1_000 }, display };
    expect(parseVideoMetadata(buildColourInfo(info))).toEqual({
      colorInfo: {
        colorConfig: { bitDepth: 10, colorPrimaries: 9, transferCharacteristics: 16, matrixCoefficients: 9 },
        hdrCll: { maxFall: 400, maxCLL: 1_000 },
        hdrMdcv: display,
      },
    });
  });

  test('taken back', () => expect(parseVideoMetadata(buildColourInfo(null))).toEqual({ colorInfo: null }));
});
