/** What a failed write to a disk means to someone who wants to write there. */

export type DiskProblem = 'disk-full' | 'folder' | 'io';

const FOLDER_CODES = new Set(['EACCES', 'EEXIST', 'EPERM', 'ENOENT', 'ENOTDIR', 'EROFS']);
const FULL_CODES = new Set(['ENOSPC', 'EDQUOT']);

/** @returns with it the system's own code, empty where there is none */
export function diskProblem(cause: unknown): { problem: DiskProblem; code: string } {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  return { problem: FULL_CODES.has(code) ? 'disk-full' : FOLDER_CODES.has(code) ? 'folder' : 'io', code };
}
