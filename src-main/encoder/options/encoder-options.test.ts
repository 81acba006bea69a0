import { describe, expect, test } from 'vitest';
import { VideoSettings } from '../../../src-shared/domain/rendition.ts';
import { describeEncoder, VideoEncoderName } from '../../../src-shared/domain/video-encoder.ts';
import { rateFields } from './common.ts';
import { encoderOptions } from './encoder-options.ts';
import { x264, x264Threads } from './x264.ts';

/** At a 1080p30 of 6 Mbps with nothing else said but `change`. */
function settings(encoder: VideoEncoderName, change: Partial<VideoSettings> = {}): VideoSettings {
  const { codec } = describeEncoder(encoder);
  return VideoSettings.parse({ widthPx: 1920, heightPx: 1080, frameRate: 30, bitrateKbps: 6_000, codec, encoder, ...change });
}
const made = (encoder: VideoEncoderName, change: Partial<VideoSettings> = {}) => encoderOptions(settings(encoder, change));
const option = (name: string, encoder: VideoEncoderName, change: Partial<VideoSettings> = {}) => made(encoder, change).options[name];
const ignored = (encoder: VideoEncoderName, change: Partial<VideoSettings>) =>
  made(encoder, change).ignored.map(({ setting, reason }) => `${setting}: ${reason}`);
/** latency is not everything */
const tune = 'none' as const;

test('libx264 with the default settings is what it has always been', () => {
  expect(x264(settings('libx264'), 4)).toEqual({
    context: {
      pixelFormat: 'yuv420p',
      surfaceFormat: null,
      bitRate: 6_000_000,
      rcMaxRate: 6_000_000,
      rcBufferSize: 6_000_000,
      gopSize: 60,
      maxBFrames: 0,
      threadCount: 4,
      refs: null,
      globalQuality: null,
      compressionLevel: null,
      flags: ['global_header', 'cgop'],
    },
    options: { preset: 'veryfast', tune: 'zerolatency', 'forced-idr': '1', sc_threshold: '0', keyint_min: '60' },
    ignored: [],
  });
  expect(rateFields(settings('libx264'), 3_000)).toEqual({ bitRate: 3_000_000, rcMaxRate: 3_000_000, rcBufferSize: 1_200_000 });
});

test.each([
  [1080, 8, 6],
  [1080, 2, 2],
  [360, 8, 2],
  [120, 8, 1],
])('x264 slices of at least 180 rows: %i rows on %i cores are %i threads', (heightPx, cores, threads) => {
  expect(x264Threads(settings('libx264', { heightPx }), cores)).toBe(threads);
});
test('x264 chooses its threads where latency does not count', () => expect(x264Threads(settings('libx264', { tune }), 8)).toBe(0));

describe('rates', () => {
  test.each([
    [{ rateControl: 'cbr' }, 6_000_000, 6_000_000, 6_000_000],
    [{ rateControl: 'cbr', bufferS: 0.5 }, 6_000_000, 6_000_000, 3_000_000],
    [{ rateControl: 'vbr' }, 6_000_000, 9_000_000, 9_000_000],
    [{ rateControl: 'vbr', maxBitrateKbps: 8_000, bufferS: 2 }, 6_000_000, 8_000_000, 16_000_000],
    [{ rateControl: 'vbr', maxBitrateKbps: 4_000 }, 6_000_000, 6_000_000, 6_000_000],
    [{ rateControl: 'abr' }, 6_000_000, 0, 0],
    [{ rateControl: 'cq' }, 0, 0, 0],
    [{ rateControl: 'cq', maxBitrateKbps: 8_000 }, 0, 8_000_000, 8_000_000],
  ] as const)('%j', (change, bitRate, rcMaxRate, rcBufferSize) => {
    expect(rateFields(settings('libx264', change))).toEqual({ bitRate, rcMaxRate, rcBufferSize });
  });

  test('a variable rate keeps its proportion when it is lowered', () => {
    expect(rateFields(settings('libx264', { rateControl: 'vbr', maxBitrateKbps: 9_000 }), 3_000)).toMatchObject({
      bitRate: 3_000_000,
      rcMaxRate: 4_500_000,
    });
  });

  test('SVT-AV1 has a constant rate in low delay only, and a maximum with constant quality only', () => {
    expect(made('libsvtav1', { rateControl: 'vbr' }).context).toMatchObject({ bitRate: 6_000_000, rcMaxRate: 6_000_000 });
    expect(ignored('libsvtav1', { rateControl: 'vbr' })).toEqual(['rateControl: low-latency']);
    expect(made('libsvtav1', { tune, rateControl: 'vbr' }).context).toMatchObject({ bitRate: 6_000_000, rcMaxRate: 0 });
    expect(option('svtav1-params', 'libsvtav1', { tune, rateControl: 'vbr' })).toBe('scd=0');
    expect(option('svtav1-params', 'libsvtav1', { tune, rateControl: 'cbr' })).toBe(
      'scd=0:pred-struct=1:lookahead=0:rtc=1:buf-initial-sz=1000:buf-optimal-sz=900',
    );
    expect(made('libsvtav1', { tune, rateControl: 'cq', maxBitrateKbps: 8_000 }).context.rcMaxRate).toBe(8_000_000);
  });
});

/** A table each: setting, encoder, the option it becomes. */
describe('rate control', () => {
  test.each([
    ['h264_nvenc', 'rc', 'cbr', 'vbr', 'vbr', 'vbr'],
    ['h264_amf', 'rc', 'cbr', 'vbr_peak', 'vbr_latency', 'cqp'],
    ['h264_vaapi', 'rc_mode', 'CBR', 'VBR', 'VBR', 'CQP'],
    ['h264_mf', 'rate_control', 'cbr', 'pc_vbr', 'u_vbr', 'quality'],
  ] as const)('%s %s', (encoder, name, cbr, vbr, abr, cq) => {
    const found = (['cbr', 'vbr', 'abr', 'cq'] as const).map((rateControl) => option(name, encoder, { rateControl }));
    expect(found).toEqual([cbr, vbr, abr, cq]);
  });
  test('videotoolbox', () => {
    expect(option('constant_bit_rate', 'h264_videotoolbox')).toBe('1');
    expect(option('constant_bit_rate', 'h264_videotoolbox', { rateControl: 'vbr' })).toBeUndefined();
  });
  test('AMF holds the decoder model to a constant rate', () => expect(option('enforce_hrd', 'av1_amf')).toBe('1'));
});

describe('constant quality, from 0 to 51', () => {
  const at = (quality: number) => ({ rateControl: 'cq', quality, tune }) as const;
  test.each([
    ['libx264', 'crf', '0', '23', '51'],
    ['libx265', 'crf', '0', '23', '51'],
    ['libsvtav1', 'crf', '1', '28', '63'],
    ['h264_nvenc', 'cq', '1', '23', '51'],
    ['av1_nvenc', 'cq', '1', '28', '63'],
    ['hevc_amf', 'qp_p', '0', '23', '51'],
    ['av1_amf', 'qp_b', '0', '115', '255'],
    ['h264_mf', 'quality', '100', '55', '0'],
  ] as const)('%s %s', (encoder, name, best, usual, smallest) => {
    expect([0, 23, 51].map((quality) => option(name, encoder, at(quality)))).toEqual([best, usual, smallest]);
    expect(option(name, encoder)).toBeUndefined();
  });
  test.each([
    ['h264_qsv', 1, 23, 51],
    ['hevc_vaapi', 1, 23, 51],
    ['av1_vaapi', 1, 115, 255],
    ['h264_videotoolbox', 11_800, 6_490, 0],
  ] as const)('%s in global_quality', (encoder, best, usual, smallest) => {
    expect([0, 23, 51].map((quality) => made(encoder, at(quality)).context.globalQuality)).toEqual([best, usual, smallest]);
    expect(made(encoder).context.globalQuality).toBeNull();
  });
  test('videotoolbox reads it as a quality', () => expect(made('hevc_videotoolbox', at(23)).context.flags).toContain('qscale'));
});

test.each([
  ['libx264', 'preset', 'ultrafast veryfast medium slower'],
  ['libx265', 'preset', 'ultrafast veryfast medium slower'],
  ['libsvtav1', 'preset', '12 10 7 4'],
  ['h264_nvenc', 'preset', 'p1 p2 p5 p7'],
  ['hevc_qsv', 'preset', 'veryfast veryfast medium slower'],
  ['av1_amf', 'preset', 'speed speed balanced quality'],
  ['h264_videotoolbox', 'prio_speed', '1 1 0 0'],
] as const)('presets of %s', (encoder, name, expected) => {
  const presets = ['ultrafast', 'veryfast', 'medium', 'slower'] as const;
  expect(presets.map((preset) => option(name, encoder, { preset })).join(' ')).toBe(expected);
});
test('presets of VAAPI are quality levels', () => {
  const presets = ['ultrafast', 'veryfast', 'medium', 'slower'] as const;
  expect(presets.map((preset) => made('h264_vaapi', { preset }).context.compressionLevel)).toEqual([7, 6, 3, 1]);
});
test('Media Foundation has none', () => expect(ignored('h264_mf', {})).toContain('preset: encoder'));

describe('tune', () => {
  test.each([
    ['libx264', { tune: 'zerolatency' }],
    ['libx265', { tune: 'zerolatency' }],
    ['libsvtav1', { 'svtav1-params': 'scd=0:pred-struct=1:lookahead=0:rtc=1:buf-initial-sz=1000:buf-optimal-sz=900' }],
    ['h264_nvenc', { tune: 'ull', zerolatency: '1', delay: '0', 'rc-lookahead': '0', b_ref_mode: 'disabled' }],
    ['h264_qsv', { async_depth: '1', low_delay_brc: '1' }],
    ['h264_amf', { usage: 'ultralowlatency', async_depth: '1', bf: '0' }],
    ['h264_vaapi', { async_depth: '1' }],
    ['h264_videotoolbox', { realtime: '1' }],
    ['h264_mf', { scenario: 'display_remoting' }],
  ] as const)('%s first of all without delay', (encoder, expected) => {
    const { options, context } = made(encoder, { bFrames: 3, lookaheadFrames: 20 });
    expect(options).toMatchObject(expected);
    expect(context.maxBFrames).toBe(0);
    expect(ignored(encoder, { bFrames: 3, lookaheadFrames: 20 })).toEqual(
      expect.arrayContaining(['bFrames: low-latency', 'lookaheadFrames: low-latency']),
    );
  });
  test('x265 encodes one picture at a time', () => expect(made('libx265').context.threadCount).toBe(1));
  test.each([
    ['libx264', 'tune', 'film', 'animation'],
    ['libx265', 'tune', undefined, 'animation'],
    ['h264_nvenc', 'tune', 'hq', 'hq'],
    ['h264_amf', 'usage', 'transcoding', 'transcoding'],
    ['h264_qsv', 'scenario', 'livestreaming', 'livestreaming'],
  ] as const)('%s for a kind of picture', (encoder, name, film, animation) => {
    expect(option(name, encoder, { tune: 'film' })).toBe(film);
    expect(option(name, encoder, { tune: 'animation' })).toBe(animation);
    expect(ignored(encoder, { tune: 'film' }).includes('tune: encoder')).toBe(encoder !== 'libx264');
  });
});

describe('profile and bit depth', () => {
  test.each([
    ['libx264', 'baseline', 8, 'baseline', 'yuv420p'],
    ['libx264', 'auto', 10, 'high10', 'yuv420p10le'],
    ['libx264', 'main10', 8, 'high10', 'yuv420p10le'],
    ['libx265', 'main', 8, 'main', 'yuv420p'],
    ['libx265', 'auto', 10, 'main10', 'yuv420p10le'],
    ['libsvtav1', 'main10', 8, undefined, 'yuv420p10le'],
    ['h264_nvenc', 'high', 8, 'high', 'yuv420p'],
    ['h264_nvenc', 'auto', 10, undefined, 'yuv420p'],
    ['hevc_nvenc', 'auto', 10, 'main10', 'p010le'],
    ['h264_qsv', 'main', 8, 'main', 'nv12'],
    ['av1_qsv', 'main10', 8, 'main', 'p010le'],
    ['h264_amf', 'baseline', 8, 'constrained_baseline', 'nv12'],
    ['h264_vaapi', 'baseline', 8, 'constrained_baseline', 'vaapi'],
    ['hevc_videotoolbox', 'main10', 8, 'main10', 'p010le'],
    ['h264_mf', 'high', 8, '100', 'nv12'],
  ] as const)('%s %s of %i bits', (encoder, profile, bitDepth, expected, pixelFormat) => {
    const { options, context } = made(encoder, { profile, bitDepth });
    expect([options.profile, context.pixelFormat]).toEqual([expected, pixelFormat]);
  });
  test('VAAPI surfaces have the depth', () => {
    expect(made('hevc_vaapi').context.surfaceFormat).toBe('nv12');
    expect(made('hevc_vaapi', { bitDepth: 10 }).context.surfaceFormat).toBe('p010le');
  });
  test('AMF is told the depth', () => expect(option('bitdepth', 'av1_amf', { bitDepth: 10 })).toBe('10'));
  test.each([
    ['h264_nvenc', { bitDepth: 10 }, 'bitDepth: encoder'],
    ['h264_qsv', { profile: 'main10' }, 'profile: codec'],
    ['libx265', { profile: 'high' }, 'profile: codec'],
    ['libx265', { profile: 'main', bitDepth: 10 }, 'profile: codec'],
    ['libx264', { profile: 'main', bitDepth: 10 }, 'profile: codec'],
  ] as const)('%s says what it cannot: %j', (encoder, change, expected) => expect(ignored(encoder, change)).toEqual([expected]));
});

describe('level', () => {
  test.each([
    ['libx264', '4', '4.0'],
    ['h264_nvenc', '4.1', '4.1'],
    ['h264_qsv', '4.1', '41'],
    ['h264_amf', '4', '4.0'],
    ['h264_vaapi', '4.0', '4'],
    ['av1_vaapi', '5.0', '5.0'],
    ['libsvtav1', '5.0', '50'],
    ['h264_videotoolbox', '4.1', '4.1'],
  ] as const)('%s %s', (encoder, level, expected) => expect(option('level', encoder, { level })).toBe(expected));
  test('x265', () => expect(option('x265-params', 'libx265', { level: '4.1' })).toContain(':level-idc=4.1:'));
  test.each([
    ['libx264', '4.3'], // H.264 has no such level
    ['libx264', '3.1'], // 1080p does not fit
    ['libx265', '3.1'],
    ['libsvtav1', '7.3'], // not defined yet
  ] as const)('%s leaves %s out', (encoder, level) => {
    expect(option('level', encoder, { level })).toBeUndefined();
    expect(ignored(encoder, { level })).toEqual(['level: codec']);
  });
  test('one whose bitrate is too low is left out', () => {
    expect(option('level', 'libx264', { level: '4.0', bitrateKbps: 19_000 })).toBe('4.0');
    expect(option('level', 'libx264', { level: '4.0', bitrateKbps: 21_000 })).toBeUndefined();
  });
});

describe('B-frames, look-ahead and references', () => {
  const change = { tune, bFrames: 2, lookaheadFrames: 20, referenceFrames: 12 };
  test.each([
    ['libx264', 2, 12, { 'rc-lookahead': '20' }],
    ['libx265', 2, 8, {}],
    ['h264_nvenc', 2, null, { 'rc-lookahead': '20', dpb_size: '12' }],
    ['av1_nvenc', 2, null, { dpb_size: '7' }],
    ['h264_qsv', 2, 12, { extbrc: '1', look_ahead_depth: '20', b_strategy: '0', adaptive_b: '0' }],
    ['h264_amf', 2, 12, { bf: '2', max_b_frames: '2', preanalysis: '1', pa_lookahead_buffer_depth: '20' }],
    ['hevc_amf', 0, 8, { preanalysis: '1' }],
    ['h264_vaapi', 2, 12, {}],
    ['hevc_videotoolbox', 2, null, { max_ref_frames: '8' }],
    ['h264_mf', 2, null, {}],
    ['libsvtav1', 0, null, {}],
  ] as const)('%s', (encoder, maxBFrames, refs, expected) => {
    const { context, options } = made(encoder, change);
    expect([context.maxBFrames, context.refs]).toEqual([maxBFrames, refs]);
    expect(options).toMatchObject(expected);
  });
  test('x265 looks ahead by its parameters', () => expect(option('x265-params', 'libx265', change)).toContain('rc-lookahead=20'));
  test('SVT-AV1 looks ahead where the order of pictures allows', () => {
    expect(option('svtav1-params', 'libsvtav1', { ...change, rateControl: 'vbr' })).toBe('scd=0:lookahead=20');
    expect(ignored('libsvtav1', change)).toEqual(['bFrames: codec', 'lookaheadFrames: rate-control', 'referenceFrames: encoder']);
  });
  test('AMF has no B-frames in HEVC and three otherwise', () => {
    expect(ignored('hevc_amf', change)).toEqual(['bFrames: encoder']);
    expect(option('bf', 'av1_amf', { tune, bFrames: 4 })).toBe('3');
  });
  test.each(['h264_vaapi', 'h264_videotoolbox', 'h264_mf'] as const)('%s does not look ahead, and says so', (encoder) => {
    expect(ignored(encoder, change)).toContain('lookaheadFrames: encoder');
  });
  test('x264 without a look-ahead has no tree of macroblocks', () => {
    expect(option('mbtree', 'libx264', { tune, lookaheadFrames: 0 })).toBe('0');
    expect(option('mbtree', 'libx264', { tune })).toBeUndefined();
  });
});

describe('keyframes: where they are due or asked for, and nowhere else', () => {
  test.each([
    ['libx264', { sc_threshold: '0', keyint_min: '60', 'forced-idr': '1' }],
    ['libx265', { keyint_min: '60', 'forced-idr': '1', 'x265-params': expect.stringContaining('scenecut=0') }],
    ['libsvtav1', { 'svtav1-params': expect.stringContaining('scd=0') }],
    ['hevc_nvenc', { 'no-scenecut': '1', 'forced-idr': '1', strict_gop: '1' }],
    ['hevc_qsv', { forced_idr: '1', idr_interval: '0', adaptive_i: '0' }],
    ['h264_amf', { forced_idr: '1' }],
    ['hevc_amf', { forced_idr: '1', gops_per_idr: '1' }],
    ['av1_vaapi', { idr_interval: '0' }],
  ] as const)('%s', (encoder, expected) => expect(made(encoder).options).toMatchObject(expected));
  test('AMF does not find scenes while it looks ahead', () => {
    expect(option('pa_scene_change_detection_enable', 'h264_amf', { tune, lookaheadFrames: 10 })).toBe('0');
  });
  test.each(VideoEncoderName.options)('%s closes its groups of pictures', (encoder) => {
    expect(made(encoder, { keyframeIntervalS: 0.5, frameRate: 29.97 }).context).toMatchObject({
      gopSize: 15,
      flags: expect.arrayContaining(['global_header', 'cgop']),
    });
  });
});

test('parameter sets travel beside the packets', () => {
  expect(option('x265-params', 'libx265')).toContain('repeat-headers=0');
  expect(option('repeat_pps', 'h264_qsv')).toBe('0');
  expect(option('header_spacing', 'h264_amf')).toBe('0');
  expect(option('header_insertion_mode', 'hevc_amf')).toBe('none');
});

test.each([
  ['h264_vaapi', ['maxBitrateKbps: rate-control']],
  ['h264_amf', ['maxBitrateKbps: rate-control']],
  ['h264_nvenc', []],
  ['libsvtav1', ['maxBitrateKbps: low-latency']],
] as const)('%s: a maximum beside constant quality', (encoder, expected) => {
  expect(ignored(encoder, { rateControl: 'cq', maxBitrateKbps: 8_000 })).toEqual(expected);
});
