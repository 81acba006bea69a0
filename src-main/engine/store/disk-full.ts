import { StudioError } from '../../../src-shared/errors.ts';

/** A full disk told as one; any other error as it is. */
export function diskFull(error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  if (code !== 'SQLITE_FULL' && code !== 'ENOSPC') return error;
  return new StudioError('store.folder', 'The disk of the data folder is full, so nothing can be saved. Free some space, then try again.', {
    cause: error,
  });
}
