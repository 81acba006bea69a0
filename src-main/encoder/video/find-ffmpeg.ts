/** The ffmpeg program: the one installed with Tidecast, else the system's. */
import { accessSync, constants } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';
import { StudioError } from '../../../src-shared/errors.ts';

/**
 * TIDECAST_FFMPEG names one; else ffmpeg-static's, where its download was allowed; else the first on the path.
 * @throws StudioError encoder.open-failed
 */
export function findFfmpeg(env: NodeJS.ProcessEnv = process.env): string {
  const named = env['TIDECAST_FFMPEG'];
  if (named) {
    if (isExecutable(named)) return named;
    throw new StudioError('encoder.open-failed', `${named} is no program that can be run. TIDECAST_FFMPEG has to name ffmpeg.`);
  }
  const name = process.platform === 'win32' ? 'ffmpeg.exe' : 'ffmpeg';
  const folders = (env['PATH'] ?? '').split(delimiter).filter(Boolean);
  const found = [installed(), ...folders.map((folder) => join(folder, name))].find((file) => file !== null && isExecutable(file));
  if (found) return found;
  throw new StudioError('encoder.open-failed', 'There is no ffmpeg program on this machine. Install FFmpeg, or choose another encoder.');
}

/** An optional dependency: it may not be there, and then names no file. Packed apps have programs beside their archive. */
function installed(): string | null {
  try {
    const file: unknown = createRequire(import.meta.url)('ffmpeg-static');
    return typeof file === 'string' ? file.replace('app.asar', 'app.asar.unpacked') : null;
  } catch {
    return null;
  }
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
