/** Every video encoder Tidecast may use, by FFmpeg's names: what the user chooses from, what a probe asks for. */
import { z } from 'zod';

export const VideoCodec = z.enum(['h264', 'hevc', 'av1']);
export type VideoCodec = z.infer<typeof VideoCodec>;

/** Whose encoder it is: the option tables, the probes and the texts of the interface are one a family. */
export const EncoderFamily = z.enum(['x264', 'x265', 'svtav1', 'nvenc', 'qsv', 'amf', 'videotoolbox', 'vaapi', 'mf']);
export type EncoderFamily = z.infer<typeof EncoderFamily>;

export const VideoEncoderName = z.enum([
  'libx264',
  'libx265',
  'libsvtav1',
  'h264_nvenc',
  'hevc_nvenc',
  'av1_nvenc',
  'h264_qsv',
  'hevc_qsv',
  'av1_qsv',
  'h264_amf',
  'hevc_amf',
  'av1_amf',
  'h264_videotoolbox',
  'hevc_videotoolbox',
  'h264_vaapi',
  'hevc_vaapi',
  'av1_vaapi',
  'h264_mf',
  'hevc_mf',
  'av1_mf',
]);
export type VideoEncoderName = z.infer<typeof VideoEncoderName>;

const SOFTWARE: Partial<Record<VideoEncoderName, { codec: VideoCodec; family: EncoderFamily }>> = {
  libx264: { codec: 'h264', family: 'x264' },
  libx265: { codec: 'hevc', family: 'x265' },
  libsvtav1: { codec: 'av1', family: 'svtav1' },
};

/** Hardware encoders carry both in their names. */
export function describeEncoder(name: VideoEncoderName): { codec: VideoCodec; family: EncoderFamily; hardware: boolean } {
  const software = SOFTWARE[name];
  if (software) return { ...software, hardware: false };
  const [codec, family] = name.split('_');
  return { codec: VideoCodec.parse(codec), family: EncoderFamily.parse(family), hardware: true };
}

/** The encoders a family can exist as on a system (Node's `process.platform`). */
export function familiesOf(platform: string): EncoderFamily[] {
  const software: EncoderFamily[] = ['x264', 'x265', 'svtav1'];
  if (platform === 'win32') return ['nvenc', 'qsv', 'amf', 'mf', ...software];
  if (platform === 'darwin') return ['videotoolbox', ...software];
  return ['nvenc', 'qsv', 'amf', 'vaapi', ...software];
}
