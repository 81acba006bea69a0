import { StudioError } from '../../../src-shared/errors.ts';
import { diskProblem } from '../../process/disk-problem.ts';

/** What stopped the recording of a show, for who runs the server. The show itself goes on. */
export function recordingStopped(stream: string, directory: string, cause: unknown): StudioError {
  if (cause instanceof StudioError) return cause;
  const { problem, code } = diskProblem(cause);
  const what = `The server stopped recording ${stream}; the live show goes on, and what was recorded can be watched.`;
  if (problem === 'disk-full')
    return new StudioError('server.record-disk-full', `${what} The disk of ${directory} is full: free some space, or keep less.`, {
      cause,
    });
  if (problem === 'folder')
    return new StudioError('server.record-folder', `${what} It cannot write to ${directory} (${code}): choose another folder.`, { cause });
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new StudioError('server.record-io', `${what} Writing to ${directory} failed: ${reason}.`, { cause });
}

export function diskTooSlow(stream: string, directory: string, waitingBytes: number): StudioError {
  const mib = Math.round(waitingBytes / 1024 / 1024);
  return new StudioError(
    'server.record-too-slow',
    `The server stopped recording ${stream}; the live show goes on. The disk of ${directory} does not follow: ${mib} MiB were waiting for it.`,
  );
}

export function diskHangs(directory: string, waitedMs: number): StudioError {
  return new StudioError(
    'server.record-too-slow',
    `The server ends before all of its shows were written: in ${waitedMs / 1_000} s the disk of ${directory} did not take the rest. What was written can be watched.`,
  );
}

export function diskNearlyFull(stream: string, directory: string, freeBytes: number, wantedBytes: number): StudioError {
  const mib = (bytes: number) => Math.round(bytes / 1024 / 1024);
  return new StudioError(
    'server.record-disk-full',
    `The server does not record ${stream}; the live show goes on. The disk of ${directory} has ${mib(freeBytes)} MiB left, and ${mib(wantedBytes)} MiB stay free for everything else: free some space, or keep less.`,
  );
}
