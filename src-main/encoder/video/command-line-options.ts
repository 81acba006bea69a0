/** An option table's answer as arguments of the ffmpeg program. Pure. */
import type { VideoSettings } from '../../../src-shared/domain/rendition.ts';
import { encoderOptions } from '../options/encoder-options.ts';

/** The encoder and all its options, for one output. */
export function encoderArguments(settings: VideoSettings): string[] {
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
  // surfaces come out of a filter; all other formats the program makes by itself
  const format = context.surfaceFormat ? { vf: `format=${context.surfaceFormat},hwupload` } : { pix_fmt: context.pixelFormat };
  const all = Object.entries({ ...format, ...fields, ...options }).filter(([, value]) => value !== null);
  return ['-c:v', settings.encoder, ...all.flatMap(([name, value]) => [`-${name}`, String(value)])];
}

/** What comes before the input: the device that surfaces lie on. */
export function deviceArguments(settings: VideoSettings): string[] {
  return encoderOptions(settings).context.surfaceFormat ? ['-init_hw_device', 'vaapi=surfaces', '-filter_hw_device', 'surfaces'] : [];
}
