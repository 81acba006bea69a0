import { expect, test } from 'vitest';
import { inspectAudio, inspectVideo } from './inspect.ts';

const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'));

test.each([
  ['AVC sequence header', '17 00 000000 0164001f', { kind: 'header' }],
  ['AVC IDR, composed 67 ms later', '17 01 000043 00000001 65', { kind: 'frame', key: true, compositionMs: 67 }],
  ['AVC picture, composed 33 ms earlier', '27 01 ffffdf 00000001 41', { kind: 'frame', key: false, compositionMs: -33 }],
  ['AVC end of sequence', '17 02 000000', { kind: 'ignored' }],
  ['video info frame', '57 00', { kind: 'ignored' }],
  ['H.263 key frame', '12 00', { kind: 'frame', key: true, compositionMs: 0 }],
  ['HEVC sequence start', '90 68766331 01', { kind: 'header' }],
  ['HEVC coded frames, composed 16 ms later', 'a1 68766331 000010 00', { kind: 'frame', key: false, compositionMs: 16 }],
  ['HEVC coded frames X', '93 68766331 000010 00', { kind: 'frame', key: true, compositionMs: 0 }],
  ['AV1 coded frames have no composition time', '91 61763031 000010 00', { kind: 'frame', key: true, compositionMs: 0 }],
  ['several tracks: taken apart before (split-tracks.ts)', '96 00 61766331 00', { kind: 'ignored' }],
  ['nothing', '', { kind: 'ignored' }],
  ['one byte', '17', { kind: 'ignored' }],
  ['an extended header that is cut off', '91 617630', { kind: 'ignored' }],
])('video: %s', (_name, hex, expected) => {
  expect(inspectVideo(bytes(hex))).toEqual(expected);
});

test.each([
  ['AAC sequence header', 'af 00 1190', { kind: 'header' }],
  ['AAC frame', 'af 01 2110', { kind: 'frame', key: true, compositionMs: 0 }],
  ['AAC frame without sound in it', 'af 01', { kind: 'ignored' }],
  ['MP3 frame', '2f fffb', { kind: 'frame', key: true, compositionMs: 0 }],
  ['Opus sequence start', '90 4f707573 00', { kind: 'header' }],
  ['Opus coded frames', '91 4f707573 00', { kind: 'frame', key: true, compositionMs: 0 }],
  ['nothing', '', { kind: 'ignored' }],
])('audio: %s', (_name, hex, expected) => {
  expect(inspectAudio(bytes(hex))).toEqual(expected);
});
