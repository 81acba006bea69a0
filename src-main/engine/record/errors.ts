/** What a failed file operation means to someone who records. */
import { dirname } from 'node:path';
import { StudioError } from '../../../src-shared/errors.ts';
import { diskProblem } from '../../process/disk-problem.ts';

export function recordError(cause: unknown, path: string): StudioError {
  if (cause instanceof StudioError) return cause;
  const { problem, code } = diskProblem(cause);
  if (problem === 'disk-full')
    return new StudioError(
      'record.disk-full',
      `The disk is full: the recording ended, and ${path} plays up to here. Free some space or choose another folder, then record again.`,
      { cause },
    );
  if (problem === 'folder')
    return new StudioError(
      'record.folder',
      `Tidecast cannot write to ${dirname(path)} (${code}). Choose another recordings folder in Settings.`,
      { cause },
    );
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new StudioError(
    'record.io',
    `Writing ${path} failed: ${reason}. What was recorded is kept; check the disk or choose another folder.`,
    { cause },
  );
}
