import type { Database } from 'better-sqlite3';
import { StudioError } from '../../../src-shared/errors.ts';

export interface Migration {
  name: string;
  /** runs in a transaction of its own */
  up(database: Database): void;
}

export const schemaVersion = (database: Database): number => database.pragma('user_version', { simple: true }) as number;

/**
 * Forward only, one transaction a step, `user_version` in the same one: a kill leaves a whole version.
 * @param backUp called before each step that changes what was there before this start
 * @throws store.newer-version, before anything is touched
 */
export function migrate(database: Database, migrations: readonly Migration[], backUp: (version: number) => void): void {
  const from = schemaVersion(database);
  if (from > migrations.length)
    throw new StudioError(
      'store.newer-version',
      `The data was saved by a newer Tidecast (version ${from} of its format; this one knows ${migrations.length}). Install the newer version again, or choose another data folder.`,
    );
  migrations.slice(from).forEach((migration, index) => {
    const version = from + index;
    if (from > 0) backUp(version);
    database.transaction(() => {
      migration.up(database);
      database.pragma(`user_version = ${version + 1}`);
    })();
  });
}
