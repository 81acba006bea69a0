/** Copies of the data file, the newest of which replaces a file that has gone bad. */
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Database } from 'better-sqlite3';

const KEPT = 3;
const NAME = /^tidecast-\d{8}T\d{9}Z-.*\.db$/;

/** @returns `20260131T120000000Z`: sorts by time and is a file name everywhere */
export const fileTime = (date: Date): string => date.toISOString().replace(/[-:.]/g, '');

/** Newest first. */
export function listBackups(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((name) => NAME.test(name));
  return names
    .sort()
    .reverse()
    .map((name) => join(folder, name));
}

/**
 * A whole, compact copy; under its name only once it is on the disk. Older ones beyond the newest three go, and so does
 * what earlier attempts left unfinished: on a full disk that is space.
 */
export function backUp(database: Database, folder: string, label: string): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `tidecast-${fileTime(new Date())}-${label}.db`);
  const partial = `${path}.partial`;
  for (const name of readdirSync(folder).filter((name) => name.endsWith('.partial'))) rmSync(join(folder, name), { force: true });
  try {
    database.prepare('VACUUM INTO ?').run(partial);
    syncFile(partial);
    renameSync(partial, path);
  } finally {
    rmSync(partial, { force: true });
  }
  for (const old of listBackups(folder).slice(KEPT)) rmSync(old, { force: true });
  return path;
}

function syncFile(path: string): void {
  const file = openSync(path, 'r+');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
