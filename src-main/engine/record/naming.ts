import { join } from 'node:path';

const two = (value: number) => String(value).padStart(2, '0');

/**
 * Path of a new recording, named by local time: it sorts by date, and no file system refuses it.
 * @param attempt from 1; later attempts carry a number, since a file is never overwritten
 */
export function recordingPath(folder: string, startedAt: Date, attempt = 1): string {
  const date = `${startedAt.getFullYear()}-${two(startedAt.getMonth() + 1)}-${two(startedAt.getDate())}`;
  const time = `${two(startedAt.getHours())}-${two(startedAt.getMinutes())}-${two(startedAt.getSeconds())}`;
  return join(folder, `Tidecast ${date} ${time}${attempt > 1 ? ` (${attempt})` : ''}.mp4`);
}
