/**
 * Opens the data file so that it can be trusted: checked, backed up, migrated, seeded. A bad one is moved aside, never
 * deleted, and replaced by the newest good backup or a new file.
 *
 * WAL with synchronous=FULL: a kill at any moment loses nothing that was committed (WAL alone gives that), and neither
 * does a power cut, since each commit is synced. That costs about a millisecond, in a thread that nobody waits for, a few
 * times a second at most; NORMAL would lose the last edits with the power. Locking is exclusive: two studios on one data
 * folder would overwrite each other's scenes.
 */
import { accessSync, constants, copyFileSync, existsSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite, { type Database } from 'better-sqlite3';
import { type Failure, StudioError } from '../../../src-shared/errors.ts';
import { backUp, fileTime, listBackups } from './backups.ts';
import { type Migration, migrate, schemaVersion } from './migrate.ts';

const FILE = 'tidecast.db';
const BUSY_TIMEOUT_MS = 3_000;

export interface OpenDatabaseOptions {
  directory: string;
  migrations: readonly Migration[];
  log: (line: string) => void;
}

export interface OpenedDatabase {
  database: Database;
  incidents: Failure[];
}

/** @throws store.folder, store.in-use, store.newer-version, and SQLITE_FULL or ENOSPC as they are */
export function openDatabase({ directory, migrations, log }: OpenDatabaseOptions): OpenedDatabase {
  usableFolder(directory);
  const path = join(directory, FILE);
  const backups = join(directory, 'backups');
  const incidents: Failure[] = [];
  const isNew = !existsSync(path);
  let database = openChecked(path);
  if (!database) {
    incidents.push(replaceCorrupt(path, backups, log));
    database = openChecked(path);
  }
  if (!database)
    throw new StudioError('store.corrupt', `The data file ${path} could not be replaced. Check the disk, then start Tidecast again.`);
  try {
    migrate(database, migrations, (version) => log(`store: backed up version ${version} to ${backUp(database, backups, `v${version}`)}`));
    if (!isNew && incidents.length === 0) backUpIfPossible(database, backups, log);
  } catch (error) {
    database.close();
    throw error;
  }
  return { database, incidents };
}

/** A migration must have its backup; a start must not fail for one, as it would on a full disk. */
function backUpIfPossible(database: Database, backups: string, log: (line: string) => void): void {
  try {
    backUp(database, backups, `v${schemaVersion(database)}`);
  } catch (error) {
    log(`store: no backup at this start: ${String(error)}`);
  }
}

function usableFolder(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true });
    accessSync(directory, constants.R_OK | constants.W_OK);
    const file = join(directory, FILE);
    if (existsSync(file)) accessSync(file, constants.R_OK | constants.W_OK);
  } catch (cause) {
    throw folderError(directory, cause);
  }
}

const folderError = (directory: string, cause: unknown) =>
  new StudioError(
    'store.folder',
    `Tidecast cannot write to its data folder ${directory}. Make the folder writable, or start with another one.`,
    { cause },
  );

/** @returns null when the file is no whole database */
function openChecked(path: string): Database | null {
  let database: Database | null = null;
  try {
    database = new Sqlite(path, { timeout: BUSY_TIMEOUT_MS });
    database.pragma('locking_mode = EXCLUSIVE');
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = FULL');
    database.pragma('foreign_keys = ON');
    database.exec('BEGIN EXCLUSIVE; COMMIT'); // takes the lock now, not at the first write
    if (database.pragma('integrity_check(1)', { simple: true }) === 'ok') return database;
    database.close();
    return null;
  } catch (error) {
    database?.close();
    return explain(error, path);
  }
}

function explain(error: unknown, path: string): null {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code.startsWith('SQLITE_CORRUPT') || code.startsWith('SQLITE_NOTADB')) return null;
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED'))
    throw new StudioError(
      'store.in-use',
      'Another Tidecast is running with the same data folder. Close it, or start with another folder.',
      { cause: error },
    );
  if (/^SQLITE_(CANTOPEN|READONLY|PERM|IOERR)/.test(code)) throw folderError(path, error);
  throw error;
}

function replaceCorrupt(path: string, backups: string, log: (line: string) => void): Failure {
  const kept = `${path}.corrupt-${fileTime(new Date())}`;
  for (const suffix of ['', '-wal', '-shm']) if (existsSync(path + suffix)) renameSync(path + suffix, kept + suffix);
  const backup = listBackups(backups).find(isWhole);
  if (backup) copyFileSync(backup, path);
  log(`store: ${path} was corrupt and is kept as ${kept}; ${backup ? `restored ${backup}` : 'no backup to restore'}`);
  const after = backup
    ? 'The latest backup was restored: check your scenes and destinations.'
    : 'There was no backup, so Tidecast began with a new one.';
  return { code: 'store.corrupt', message: `The data file was damaged and has been kept as ${kept}. ${after}` };
}

function isWhole(path: string): boolean {
  try {
    const database = new Sqlite(path, { readonly: true });
    const whole = database.pragma('integrity_check(1)', { simple: true }) === 'ok';
    database.close();
    return whole;
  } catch {
    return false;
  }
}
