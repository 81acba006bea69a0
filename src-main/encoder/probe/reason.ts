/** Why an encoder would not open, in a form that people can be told. Pure. */
import type { Unavailable } from '../../../src-shared/domain/encoder-capabilities.ts';
import { describeEncoder, type EncoderFamily, type VideoEncoderName } from '../../../src-shared/domain/video-encoder.ts';
import type { Surroundings } from './surroundings.ts';

/** What a family needs to be installed. Any one of a row will do. */
const LIBRARIES: Partial<Record<EncoderFamily, Partial<Record<NodeJS.Platform, string[][]>>>> = {
  nvenc: {
    linux: [['libcuda.so.1'], ['libnvidia-encode.so.1']],
    win32: [['nvcuda.dll'], ['nvEncodeAPI64.dll']],
  },
  qsv: {
    linux: [['libmfx-gen.so.1.2', 'libmfxhw64.so.1']],
    win32: [['libmfxhw64.dll', 'libmfx64-gen.dll', 'libvpl.dll']],
  },
  amf: { linux: [['libamfrt64.so.1']], win32: [['amfrt64.dll']] },
  vaapi: { linux: [['libva.so.2'], ['libva-drm.so.2']] },
};

/** Those that reach the card through its render node. */
const THROUGH_RENDER_NODE: EncoderFamily[] = ['vaapi', 'qsv'];

/** What FFmpeg and the drivers write (libavcodec/nvenc.c, qsvenc.c, amfenc.c, vaapi_encode.c). The first that fits counts. */
const SAYINGS: [pattern: RegExp, code: Unavailable['code']][] = [
  [/required nvenc API version|minimum required Nvidia driver|driver.*too old/i, 'old-driver'],
  [/out of memory \(10\)|too many.*sessions|session limit|incompatible client key/i, 'no-session'],
  [
    /codec not supported|not support(ed)? (the )?(codec|profile|encod)|No usable encoding (profile|entrypoint)|unsupported \(-3\)|10 ?bit encode not supported/i,
    'no-codec',
  ],
  [
    /no capable devices|no CUDA-capable device|No VA display found|Failed to initialise VAAPI|Error creating a MFX session|No device available|CreateComponent/i,
    'no-device',
  ],
  [/cannot load|failed to open|could not load|cannot open shared/i, 'no-driver'],
];

/**
 * @param said FFmpeg's messages while it tried, in their order
 * @param fallback when it said nothing
 */
export function unavailableReason(encoder: VideoEncoderName, said: string[], fallback: string, around: Surroundings): Unavailable {
  const { family } = describeEncoder(encoder);
  const missing = LIBRARIES[family]?.[around.platform]?.find((names) => !names.some(around.hasLibrary));
  const nodes = around.platform === 'linux' && THROUGH_RENDER_NODE.includes(family) ? around.renderNodes() : null;
  if (nodes?.length === 0) return reason('no-device', '/dev/dri/renderD*');
  if (nodes && !nodes.some(({ permitted }) => permitted)) return reason('no-permission', nodes[0]?.path ?? '');
  if (missing) return reason('no-driver', missing[0] ?? '');
  for (const line of said) {
    const code = SAYINGS.find(([pattern]) => pattern.test(line))?.[1];
    if (code) return reason(code, line);
  }
  return reason('failed', said.at(-1) ?? fallback);
}

const reason = (code: Unavailable['code'], detail: string): Unavailable => ({ code, detail: detail.trim().slice(0, 300) });
