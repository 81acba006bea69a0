/**
 * Every name and value of the option tables against FFmpeg's own metadata, for the encoders that this build has: no such
 * GPU need be here. `av_opt_set` on an encoder that is not open knows all names, constants and ranges; what x264, x265 and
 * SVT-AV1 parse themselves is opened for real.
 */
import { AV_LOG_INFO, AV_LOG_WARNING, AV_PIX_FMT_VAAPI, type FFEncoderCodec } from 'node-av/constants';
import { avGetPixFmtFromName, Codec, CodecContext, Log, Rational } from 'node-av/lib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { encoderOptions } from '../../src-main/encoder/options/encoder-options.ts';
import type { EncoderOptions } from '../../src-main/encoder/options/model.ts';
import { ENCODER_PRESETS, VideoSettings } from '../../src-shared/domain/rendition.ts';
import { describeEncoder, VideoEncoderName } from '../../src-shared/domain/video-encoder.ts';

/** These live in the builds for their own systems. */
const absent = (name: VideoEncoderName) => ['videotoolbox', 'mf'].includes(describeEncoder(name).family);
const encoders = VideoEncoderName.options.filter((name) => !absent(name));

const LEVELS = ['1', '1.1', '1.2', '1.3', '2', '2.1', '2.2', '2.3', '3', '3.1', '3.2', '3.3', '4', '4.0', '4.1', '4.2', '4.3'];
const ONE_BY_ONE: Partial<VideoSettings>[] = [
  ...(['cbr', 'vbr', 'abr', 'cq'] as const).flatMap((rateControl) => [{ rateControl }, { rateControl, maxBitrateKbps: 4_000 }]),
  ...[0, 23, 51].map((quality) => ({ rateControl: 'cq' as const, quality })),
  ...ENCODER_PRESETS.map((preset) => ({ preset })),
  ...(['film', 'animation'] as const).map((tune) => ({ tune })),
  ...(['baseline', 'main', 'high', 'main10'] as const).flatMap((profile) => [{ profile }, { profile, bitDepth: 10 as const }]),
  ...[...LEVELS, '5', '5.1', '5.2', '5.3', '6', '6.1', '6.2', '6.3', '7', '7.3'].map((level) => ({ level })),
  ...[0, 1, 4].map((bFrames) => ({ bFrames })),
  ...[0, 20, 120].map((lookaheadFrames) => ({ lookaheadFrames })),
  ...[1, 4, 16].map((referenceFrames) => ({ referenceFrames })),
  { bitDepth: 10 },
  { keyframeIntervalS: 0.2 },
];
/** Each alone, with latency first and without. */
const variations = (['zerolatency', 'none'] as const).flatMap((tune) => [{ tune }, ...ONE_BY_ONE.map((change) => ({ tune, ...change }))]);

function settingsFor(encoder: VideoEncoderName, change: Partial<VideoSettings>): VideoSettings {
  const { codec } = describeEncoder(encoder);
  return VideoSettings.parse({ widthPx: 320, heightPx: 180, frameRate: 30, bitrateKbps: 500, codec, encoder, ...change });
}

/** What FFmpeg says against these options. Empty when all exist. */
function objections(encoder: VideoEncoderName, { context, options }: Pick<EncoderOptions, 'context' | 'options'>): string[] {
  const codec = Codec.findEncoderByName(encoder as FFEncoderCodec);
  if (!codec) return [`${encoder} is not in this build`];
  const allocated = new CodecContext();
  allocated.allocContext3(codec);
  const found: string[] = [];
  try {
    for (const [name, value] of Object.entries({ ...contextOptions(context), ...options })) {
      const status = allocated.setOption(name, value);
      if (status < 0) found.push(`${name}=${value} (${status})`);
    }
    for (const format of [context.pixelFormat, context.surfaceFormat ?? 'nv12']) {
      if (avGetPixFmtFromName(format) < 0) found.push(`no pixel format ${format}`);
    }
    const formats = codec.pixelFormats ?? [];
    if (!formats.includes(avGetPixFmtFromName(context.pixelFormat))) found.push(`takes no ${context.pixelFormat}`);
    if ((avGetPixFmtFromName(context.pixelFormat) === AV_PIX_FMT_VAAPI) !== (context.surfaceFormat !== null)) found.push('surfaces');
  } finally {
    allocated.freeContext();
  }
  return found;
}

/** The context's fields by their options' names. */
function contextOptions(context: EncoderOptions['context']): Record<string, string> {
  const { bitRate, rcMaxRate, rcBufferSize, gopSize, maxBFrames, threadCount, refs, globalQuality, compressionLevel, flags } = context;
  const all = {
    b: bitRate,
    maxrate: rcMaxRate,
    bufsize: rcBufferSize,
    g: gopSize,
    bf: maxBFrames,
    threads: threadCount,
    refs,
    global_quality: globalQuality,
    compression_level: compressionLevel,
    flags: flags.map((flag) => `+${flag}`).join(''),
  };
  return Object.fromEntries(Object.entries(all).flatMap(([name, value]) => (value === null ? [] : [[name, String(value)]])));
}

test('every encoder of the tables is in this build, but those of other systems', () => {
  expect(VideoEncoderName.options.filter((name) => !Codec.findEncoderByName(name as FFEncoderCodec))).toEqual(
    VideoEncoderName.options.filter(absent),
  );
});

test.each(encoders)('%s: every name and value exists in FFmpeg', (encoder) => {
  for (const change of variations) {
    expect(objections(encoder, encoderOptions(settingsFor(encoder, change))), JSON.stringify(change)).toEqual([]);
  }
});

test.each([
  ['h264_nvenc', 'forced_idr', '1'], // it is forced-idr
  ['h264_nvenc', 'preset', 'veryfast'],
  ['h264_nvenc', 'profile', 'main10'],
  ['h264_qsv', 'forced-idr', '1'],
  ['h264_qsv', 'look_ahead_depth', '101'],
  ['hevc_amf', 'header_spacing', '0'],
  ['av1_amf', 'level', '41'],
  ['hevc_vaapi', 'rc_mode', 'cbr'], // it is CBR
] as const)('a planted mistake is found: %s %s=%s', (encoder, name, value) => {
  const right = encoderOptions(settingsFor(encoder, {}));
  expect(objections(encoder, { ...right, options: { ...right.options, [name]: value } })).toEqual([
    expect.stringContaining(`${name}=${value}`),
  ]);
});

const complaints: string[] = [];
beforeAll(() => {
  process.env.SVT_LOG = '1'; // its own messages go past FFmpeg's: errors alone
  Log.setCallback((_level, message) => complaints.push(message), { maxLevel: AV_LOG_WARNING });
});
afterAll(async () => {
  Log.resetCallback();
  Log.setLevel(AV_LOG_INFO);
  await new Promise((resolve) => setTimeout(resolve, 100)); // a message on its way would meet no callback
});

/** FFmpeg's messages come over the event loop. */
const settled = () => new Promise((resolve) => setTimeout(resolve, 2));

/** Until no more come: those of the mistakes planted above may still be on their way. */
async function silent(): Promise<void> {
  for (let before = -1; before !== complaints.length; ) {
    before = complaints.length;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function opens(settings: VideoSettings, { context, options } = encoderOptions(settings)): Promise<string[]> {
  const codec = Codec.findEncoderByName(settings.encoder as FFEncoderCodec);
  if (!codec) return ['not in this build'];
  await settled();
  complaints.length = 0;
  const opened = new CodecContext();
  opened.allocContext3(codec);
  opened.width = settings.widthPx;
  opened.height = settings.heightPx;
  opened.pixelFormat = avGetPixFmtFromName(context.pixelFormat);
  opened.timeBase = new Rational(1, 30);
  opened.framerate = new Rational(30, 1);
  const found: string[] = [];
  for (const [name, value] of Object.entries({ ...contextOptions(context), ...options, err_detect: 'explode' })) {
    if (opened.setOption(name, value) < 0) found.push(`${name}=${value}`);
  }
  const status = opened.open2Sync(codec, null);
  opened.freeContext();
  await settled();
  if (status < 0) found.push(`did not open (${status})`);
  return [...found, ...complaints];
}

test.each(['libx264', 'libx265', 'libsvtav1'] as const)('%s opens with every setting, and complains of none', async (encoder) => {
  await silent();
  for (const change of variations) {
    const settings = settingsFor(encoder, change);
    expect(await opens(settings), JSON.stringify(change)).toEqual([]);
  }
});

test.each([
  ['libx264', 'preset', 'fastest'],
  ['libx265', 'x265-params', 'scene-cut=0'], // it is scenecut
  ['libsvtav1', 'svtav1-params', 'scenecut=0'], // it is scd
] as const)('a planted mistake is found on opening: %s %s=%s', async (encoder, name, value) => {
  const settings = settingsFor(encoder, {});
  const right = encoderOptions(settings);
  expect(await opens(settings, { ...right, options: { ...right.options, [name]: value } })).not.toEqual([]);
});
