import { expect, test } from 'vitest';
import { unavailableReason } from './reason.ts';
import type { Surroundings } from './surroundings.ts';

const around = (more: Partial<Surroundings> & { libraries?: string[] }): Surroundings => ({
  platform: 'linux',
  hasLibrary: (name) => more.libraries?.includes(name) ?? true,
  renderNodes: () => [{ path: '/dev/dri/renderD128', permitted: true }],
  ...more,
});
const fallback = 'could not be opened (-1)';

test.each([
  ['h264_nvenc', around({ libraries: [] }), 'no-driver', 'libcuda.so.1'],
  ['h264_nvenc', around({ libraries: ['libcuda.so.1'] }), 'no-driver', 'libnvidia-encode.so.1'],
  ['av1_nvenc', around({ platform: 'win32', libraries: [] }), 'no-driver', 'nvcuda.dll'],
  ['hevc_amf', around({ libraries: [] }), 'no-driver', 'libamfrt64.so.1'],
  ['hevc_amf', around({ platform: 'win32', libraries: [] }), 'no-driver', 'amfrt64.dll'],
  ['h264_vaapi', around({ renderNodes: () => [] }), 'no-device', '/dev/dri/renderD*'],
  [
    'h264_vaapi',
    around({ renderNodes: () => [{ path: '/dev/dri/renderD129', permitted: false }] }),
    'no-permission',
    '/dev/dri/renderD129',
  ],
  ['h264_vaapi', around({ libraries: ['libva.so.2'] }), 'no-driver', 'libva-drm.so.2'],
  ['h264_qsv', around({ libraries: [] }), 'no-driver', 'libmfx-gen.so.1.2'],
  ['h264_qsv', around({ platform: 'win32', libraries: [] }), 'no-driver', 'libmfxhw64.dll'],
] as const)('%s: what is missing is named', (encoder, surroundings, code, detail) => {
  expect(unavailableReason(encoder, ['Cannot load something'], fallback, surroundings)).toEqual({ code, detail });
});

// FFmpeg's own words, from libavcodec
test.each([
  ['h264_nvenc', 'Driver does not support the required nvenc API version. Required: 13.0 Found: 12.1', 'old-driver'],
  ['h264_nvenc', 'OpenEncodeSessionEx failed: out of memory (10): (no details)', 'no-session'],
  ['av1_nvenc', 'Codec not supported', 'no-codec'],
  ['av1_nvenc', 'No capable devices found', 'no-device'],
  ['h264_nvenc', 'Cannot load libcuda.so.1', 'no-driver'],
  ['av1_vaapi', 'No usable encoding profile found.', 'no-codec'],
  ['h264_qsv', 'Error creating a MFX session: -9.', 'no-device'],
  ['av1_qsv', 'Error initializing the encoder: unsupported (-3)', 'no-codec'],
  ['h264_amf', 'DLL libamfrt64.so.1 failed to open', 'no-driver'],
  ['h264_nvenc', 'InitializeEncoder failed: invalid param (8)', 'failed'],
] as const)('%s says "%s"', (encoder, said, code) => {
  expect(unavailableReason(encoder, [said], fallback, around({}))).toEqual({ code, detail: said });
});

test('what says most counts, not what was said last', () => {
  const said = ['Driver does not support the required nvenc API version.', 'Nvenc unloaded'];
  expect(unavailableReason('h264_nvenc', said, fallback, around({})).code).toBe('old-driver');
});

test('one that says nothing has failed, and how', () => {
  expect(unavailableReason('h264_videotoolbox', [], fallback, around({ platform: 'darwin' }))).toEqual({
    code: 'failed',
    detail: fallback,
  });
});
