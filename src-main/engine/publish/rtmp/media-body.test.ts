import { expect, test } from 'vitest';
import { RenditionId } from '../../../../src-shared/domain/index.ts';
import { fromHex, toHex } from '../../../../tests/support/hex.ts';
import type { AudioHeader, AudioPacket, VideoHeader, VideoPacket } from '../../../process/packet.ts';
import { headerBody, type Lane, packetBody } from './media-body.ts';
import { buildOnMetaData } from './metadata.ts';

const renditionId = RenditionId.parse('r');
const video: VideoHeader = {
  kind: 'video',
  renditionId,
  codec: 'h264',
  widthPx: 64,
  heightPx: 64,
  frameRate: 30,
  bitrateKbps: 500,
  config: Uint8Array.of(1),
};
const audio: AudioHeader = { kind: 'audio', codec: 'aac', sampleRateHz: 48_000, channels: 2, bitrateKbps: 96, config: Uint8Array.of(2) };
const picture = { kind: 'video', key: true, data: Uint8Array.of(7) } as VideoPacket;
const sound = { kind: 'audio', data: Uint8Array.of(8) } as AudioPacket;
const time = { dtsMs: 40, nanos: null, compositionMs: 33 };
const legacy = (codec: Lane['codec']): Lane => ({ codec, form: 'legacy', track: 0 });
const extended = (codec: Lane['codec'], track = 0): Lane => ({ codec, form: 'extended', track });

test('H.264 and AAC are what they have always been, to the byte', () => {
  expect(toHex(headerBody(video, legacy('h264')))).toBe('170000000001');
  expect(toHex(headerBody(audio, legacy('aac')))).toBe('af0002');
  expect(toHex(packetBody(picture, legacy('h264'), time))).toBe('170100002107');
  expect(toHex(packetBody({ ...picture, key: false }, legacy('h264'), time))).toBe('270100002107');
  expect(toHex(packetBody(sound, legacy('aac'), time))).toBe('af0108');
  expect(toHex(buildOnMetaData(video, audio))).toBe(
    toHex(
      fromHex(`02000d 40736574446174614672616d65 02000a 6f6e4d65746144617461 08 0000000d
        0008 6475726174696f6e 00 0000000000000000 0005 7769647468 00 4050000000000000 0006 686569676874 00 4050000000000000
        0009 6672616d6572617465 00 403e000000000000 000c 766964656f636f6465636964 00 401c000000000000
        000d 766964656f6461746172617465 00 407f400000000000 000c 617564696f636f6465636964 00 4024000000000000
        000d 617564696f6461746172617465 00 4058000000000000 000f 617564696f73616d706c6572617465 00 40e7700000000000
        000f 617564696f73616d706c6573697a65 00 4030000000000000 000d 617564696f6368616e6e656c73 00 4000000000000000
        0006 73746572656f 01 01 0007 656e636f646572 02 0008 5469646563617374 000009`),
    ),
  );
});

test.each<[string, Uint8Array, string]>([
  ['HEVC header', headerBody({ ...video, codec: 'hevc' }, extended('hevc')), '90 68766331 01'],
  ['HEVC, composed later', packetBody(picture, extended('hevc'), time), '91 68766331 000021 07'],
  ['HEVC, at once', packetBody(picture, extended('hevc'), { ...time, compositionMs: 0 }), '93 68766331 07'],
  [
    'HEVC, a third of a millisecond later',
    packetBody(picture, extended('hevc'), { dtsMs: 33, nanos: 333_000, compositionMs: 0 }),
    '97 02 0514c8 03 68766331 07',
  ],
  ['AV1 header', headerBody({ ...video, codec: 'av1' }, extended('av1')), '90 61763031 01'],
  ['AV1, whatever its composition', packetBody(picture, extended('av1'), time), '91 61763031 07'],
  ['Opus header', headerBody({ ...audio, codec: 'opus' }, extended('opus')), '90 4f707573 02'],
  ['Opus', packetBody(sound, extended('opus'), time), '91 4f707573 08'],
  ['a further track of H.264', packetBody(picture, extended('h264', 2), { ...time, compositionMs: 0 }), '96 03 61766331 02 07'],
  ['a further track of AAC', packetBody(sound, extended('aac', 1), time), '95 01 6d703461 01 08'],
])('%s', (_, body, hex) => expect(toHex(body)).toBe(toHex(fromHex(hex))));

test('what is put between the parts of a picture goes out with it', () => {
  const parts = [Uint8Array.of(1, 2), Uint8Array.of(0xaa), Uint8Array.of(3)];
  expect(toHex(packetBody(picture, legacy('h264'), time, parts))).toBe('17010000210102aa03');
  expect(toHex(packetBody(picture, extended('hevc', 1), time, parts))).toBe('9601687663310100002' + '10102aa03');
});
