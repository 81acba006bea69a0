/** An option table's answer as arguments of the ffmpeg program. Pure. */
import type { VideoSettings } from '../../../src-shared/domain/rendition.ts';
import { encoderOptions } from '../options/encoder-options.ts';
import type { PictureSize } from '../picture.ts';
import { fitPicture } from '../picture-fit.ts';

/** The encoder and all its options, for one output. @param source the size of the pictures that come in */
export function encoderArguments(settings: VideoSettings, source: PictureSize = settings): string[] {
  const { context, options } = encoderOptions(settings);
  const fields: Record<string, number | string | null> = {
    'b:v': context.bitRate,
    maxrate: context.rcMaxRate || null,
    bufsize: context.rcBufferSize || null,
    g: context.gopSize,
    bf: context.maxBFrames,
    threads: context.threadCount,
    refs: context.refs,
    global_quality: context.globalQuality,
    compression_level: context.compressionLevel,
    flags: context.flags.map((flag) => `+${flag}`).join(''),
    color_range: 'tv',
    colorspace: 'bt709',
    color_primaries: 'bt709',
    color_trc: 'bt709',
  };
  const filters = [
    ...sizeFilters(settings, source),
    // surfaces come out of a filter; all other formats the program makes by itself
    ...(context.surfaceFormat ? [`format=${context.surfaceFormat}`, 'hwupload'] : []),
  ];
  const format = {
    vf: filters.join(',') || null,
    pix_fmt: context.surfaceFormat ? null : context.pixelFormat,
  };
  const all = Object.entries({ ...format, ...fields, ...options }).filter(([, value]) => value !== null);
  return ['-c:v', settings.encoder, ...all.flatMap(([name, value]) => [`-${name}`, String(value)])];
}

/** As the scaler of node-av's back end does it. */
function sizeFilters({ widthPx, heightPx, fit }: VideoSettings, source: PictureSize): string[] {
  if (source.widthPx === widthPx && source.heightPx === heightPx) return [];
  const parts = fitPicture(source, { widthPx, heightPx }, fit);
  if (!parts) return [`scale=${widthPx}:${heightPx}:flags=bicubic`];
  const { from, to } = parts;
  return [
    `crop=${from.widthPx}:${from.heightPx}:${from.xPx}:${from.yPx}`,
    `scale=${to.widthPx}:${to.heightPx}:flags=bicubic`,
    `pad=${widthPx}:${heightPx}:${to.xPx}:${to.yPx}:black`,
  ];
}

/** What comes before the input: the device that surfaces lie on. */
export function deviceArguments(settings: VideoSettings): string[] {
  return encoderOptions(settings).context.surfaceFormat ? ['-init_hw_device', 'vaapi=surfaces', '-filter_hw_device', 'surfaces'] : [];
}
