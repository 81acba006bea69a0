/** The ffmpeg program for a single picture. */
import { once } from 'node:events';
import { StudioError } from '../../src-shared/errors.ts';
import type { Picture, PictureSize } from './picture.ts';
import { startProgram } from './programs.ts';
import { findFfmpeg } from './video/find-ffmpeg.ts';

const TIMEOUT_MS = 2_000;

/**
 * A JPEG of the picture, in the colours that JPEG has (full range, BT.601: ITU-T T.871, 7).
 * @param widthPx wanted; the height follows the picture's shape
 * @throws StudioError internal, encoder.open-failed without an ffmpeg program
 */
export async function programThumbnail({ planes }: Picture, { widthPx, heightPx }: PictureSize, wantedPx: number): Promise<Uint8Array> {
  const scale = `scale=${Math.min(wantedPx, widthPx)}:-2:in_color_matrix=bt709:in_range=tv:out_color_matrix=bt601:out_range=pc`;
  const program = startProgram(findFfmpeg(), [
    ...['-hide_banner', '-nostdin', '-v', 'error', '-f', 'rawvideo', '-pix_fmt', 'yuv420p', '-video_size', `${widthPx}x${heightPx}`],
    ...['-i', 'pipe:0', '-frames:v', '1', '-vf', scale, '-pix_fmt', 'yuvj420p', '-q:v', '3', '-f', 'mjpeg', 'pipe:1'],
  ]);
  const chunks: Buffer[] = [];
  program.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  program.stderr.resume();
  program.stdin.on('error', () => {}); // it ended: what it gave out tells
  program.stdin.end(planes);
  const late = setTimeout(() => program.kill('SIGKILL'), TIMEOUT_MS);
  await once(program, 'close').finally(() => clearTimeout(late));
  if (program.exitCode !== 0) throw new StudioError('internal', 'The thumbnail could not be made by the ffmpeg program.');
  return new Uint8Array(Buffer.concat(chunks));
}
