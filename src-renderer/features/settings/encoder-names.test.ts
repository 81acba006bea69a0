import { expect, test } from 'vitest';
import type { EncoderCapabilities, VideoEncoderName } from '../../../src-shared/domain/index.ts';
import { encoderGroups, encoderName } from './encoder-names.ts';

const missing = (encoder: VideoEncoderName, detail: string): EncoderCapabilities => ({
  encoder,
  available: false,
  reason: { code: 'no-driver', detail },
});

test('what is told of a family is told once', () => {
  const groups = encoderGroups([
    missing('h264_nvenc', 'a'),
    missing('hevc_nvenc', 'a'),
    missing('av1_nvenc', 'b'),
    missing('h264_amf', 'a'),
  ]);
  expect(groups.map(({ name, codecs }) => [name, codecs])).toEqual([
    ['NVIDIA NVENC', ['H.264', 'HEVC']],
    ['NVIDIA NVENC', ['AV1']],
    ['AMD AMF', ['H.264']],
  ]);
});

test('what works comes first', () => {
  const skills = { bFrames: true, tenBit: true, inPlaceBitrate: true, onDemandIdr: true, lowLatency: true, maxFps1080p: null };
  const x264: EncoderCapabilities = {
    encoder: 'libx264',
    available: true,
    skills: { ...skills, maxWidthPx: 7_680, maxHeightPx: 4_320 },
  };
  expect(encoderGroups([missing('h264_amf', 'a'), x264]).map(({ name }) => name)).toEqual(['x264', 'AMD AMF']);
});

test('an encoder has a name for people', () => expect(encoderName('libsvtav1')).toBe('SVT-AV1 · AV1'));
