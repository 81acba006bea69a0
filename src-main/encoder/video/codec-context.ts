/** Opens an FFmpeg encoder as its option table says. */
import {
  AV_CODEC_FLAG_CLOSED_GOP,
  AV_CODEC_FLAG_GLOBAL_HEADER,
  AV_CODEC_FLAG_QSCALE,
  AV_PIX_FMT_NV12,
  AV_PIX_FMT_P010LE,
  AV_PIX_FMT_VAAPI,
  AV_PIX_FMT_YUV420P,
  AV_PIX_FMT_YUV420P10LE,
  AVCHROMA_LOC_LEFT,
  AVCOL_PRI_BT709,
  AVCOL_RANGE_MPEG,
  AVCOL_SPC_BT709,
  AVCOL_TRC_BT709,
  type AVCodecFlag,
  type AVPixelFormat,
  type FFVideoEncoder,
} from 'node-av/constants';
import { Codec, CodecContext, Rational } from 'node-av/lib';
import type { VideoSettings } from '../../../src-shared/domain/rendition.ts';
import { StudioError } from '../../../src-shared/errors.ts';
import { encoderOptions } from '../options/encoder-options.ts';
import type { ContextFields, RateFields } from '../options/model.ts';
import { frameRateFraction } from './frame-rate.ts';
import { SurfaceUpload } from './surface-upload.ts';

const PIXEL_FORMATS: Record<ContextFields['pixelFormat'], AVPixelFormat> = {
  yuv420p: AV_PIX_FMT_YUV420P,
  yuv420p10le: AV_PIX_FMT_YUV420P10LE,
  nv12: AV_PIX_FMT_NV12,
  p010le: AV_PIX_FMT_P010LE,
  vaapi: AV_PIX_FMT_VAAPI,
};
const FLAGS: Record<ContextFields['flags'][number], AVCodecFlag> = {
  global_header: AV_CODEC_FLAG_GLOBAL_HEADER,
  cgop: AV_CODEC_FLAG_CLOSED_GOP,
  qscale: AV_CODEC_FLAG_QSCALE,
};

export interface OpenCodec {
  context: CodecContext;
  inputFormat: AVPixelFormat;
  upload: SurfaceUpload | null;
}

/** @throws StudioError encoder.open-failed */
export async function openCodec(settings: VideoSettings): Promise<OpenCodec> {
  const codec = Codec.findEncoderByName(settings.encoder as FFVideoEncoder);
  if (!codec) throw new StudioError('encoder.open-failed', `This build has no ${settings.encoder}. Choose another encoder.`);
  const context = new CodecContext();
  let upload: SurfaceUpload | null = null;
  try {
    context.allocContext3(codec);
    const inputFormat = configure(context, settings);
    if (context.pixelFormat === AV_PIX_FMT_VAAPI) upload = new SurfaceUpload(context, inputFormat);
    // libsvtav1 writes its greetings to standard error unless the environment forbids it
    if (settings.encoder === 'libsvtav1') process.env['SVT_LOG'] ??= '1';
    const status = await context.open2(codec, null);
    if (status >= 0) return { context, inputFormat, upload };
    throw new StudioError(
      'encoder.open-failed',
      `${settings.encoder} could not be opened for ${settings.widthPx}x${settings.heightPx} (${status}). Try another size, preset or encoder.`,
    );
  } catch (error) {
    context.freeContext();
    upload?.close();
    throw error;
  }
}

function configure(context: CodecContext, settings: VideoSettings): AVPixelFormat {
  const { context: fields, options } = encoderOptions(settings);
  const { pixelFormat, surfaceFormat, refs, globalQuality, compressionLevel, flags } = fields;
  const { num, den } = frameRateFraction(settings.frameRate);
  context.width = settings.widthPx;
  context.height = settings.heightPx;
  context.framerate = new Rational(num, den);
  context.timeBase = new Rational(den, num);
  context.pixelFormat = PIXEL_FORMATS[pixelFormat];
  context.gopSize = fields.gopSize;
  context.maxBFrames = fields.maxBFrames;
  context.threadCount = fields.threadCount;
  context.colorRange = AVCOL_RANGE_MPEG;
  context.colorSpace = AVCOL_SPC_BT709;
  context.colorPrimaries = AVCOL_PRI_BT709;
  context.colorTrc = AVCOL_TRC_BT709;
  context.chromaLocation = AVCHROMA_LOC_LEFT;
  context.setFlags(...flags.map((flag) => FLAGS[flag]));
  if (globalQuality !== null) context.globalQuality = globalQuality;
  setRate(context, fields);
  // one by one: a Dictionary given to open2 corrupts the heap
  if (refs !== null) context.setOption('refs', String(refs));
  if (compressionLevel !== null) context.setOption('compression_level', String(compressionLevel));
  for (const [name, value] of Object.entries(options)) context.setOption(name, value);
  return PIXEL_FORMATS[surfaceFormat ?? pixelFormat];
}

/** Of an open encoder it changes the rate from the next picture on, where the family can. */
export function setRate(context: CodecContext, { bitRate, rcMaxRate, rcBufferSize }: RateFields): void {
  context.bitRate = BigInt(bitRate);
  context.rcMaxRate = BigInt(rcMaxRate);
  context.rcBufferSize = rcBufferSize;
}
