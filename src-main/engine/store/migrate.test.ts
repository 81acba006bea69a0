import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite, { type Database } from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Migration, migrate, schemaVersion } from './migrate.ts';
import { MIGRATIONS } from './migrations/index.ts';
import { openDatabase } from './open-database.ts';

const addColumn: Migration = {
  name: 'add a column',
  up: (database) => database.exec("ALTER TABLE settings ADD COLUMN note TEXT NOT NULL DEFAULT 'none'"),
};
const failing: Migration = {
  name: 'fails half-way',
  up: (database) => {
    database.exec('CREATE TABLE half (id INTEGER) STRICT');
    throw new Error('boom');
  },
};

const tables = (database: Database) =>
  database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name").pluck().all();

test('each released version becomes the latest one, with its rows', () => {
  for (let version = 0; version < MIGRATIONS.length; version++) {
    const database = new Sqlite(':memory:');
    migrate(database, MIGRATIONS.slice(0, version), () => {});
    expect(schemaVersion(database)).toBe(version);
    migrate(database, MIGRATIONS, () => {});
    expect(schemaVersion(database)).toBe(MIGRATIONS.length);
    database.close();
  }
});

test('every table is strict', () => {
  const database = new Sqlite(':memory:');
  migrate(database, MIGRATIONS, () => {});
  const list = database.prepare("SELECT name, strict FROM pragma_table_list WHERE schema = 'main' AND name NOT LIKE 'sqlite_%'").all() as {
    strict: number;
  }[];
  expect(list).toHaveLength(9);
  expect(list.filter(({ strict }) => strict !== 1)).toEqual([]);
  database.close();
});

test('a step that fails leaves the version before it, whole', () => {
  const database = new Sqlite(':memory:');
  migrate(database, MIGRATIONS, () => {});
  const before = tables(database);
  expect(() => migrate(database, [...MIGRATIONS, addColumn, failing], () => {})).toThrow('boom');
  expect(schemaVersion(database)).toBe(MIGRATIONS.length + 1);
  expect(tables(database)).toEqual(before);
  database.close();
});

describe('in a folder', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'tidecast-migrate-'));
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  const open = (migrations: readonly Migration[]) => openDatabase({ directory, migrations, log: () => {} }).database;

  test('a migration of existing data is preceded by a backup of it', () => {
    const old = open(MIGRATIONS);
    old.exec("INSERT INTO settings (key, json) VALUES ('kept', '1')");
    old.close();
    expect(readdirSync(directory)).not.toContain('backups'); // nothing to lose in a new file
    const database = open([...MIGRATIONS, addColumn]);
    expect(database.prepare('SELECT note FROM settings').pluck().get()).toBe('none');
    database.close();
    const name = readdirSync(join(directory, 'backups')).find((file) => file.endsWith(`-v${MIGRATIONS.length}.db`));
    const backup = new Sqlite(join(directory, 'backups', name ?? ''), { readonly: true });
    expect(schemaVersion(backup)).toBe(MIGRATIONS.length);
    expect(backup.prepare('SELECT key FROM settings').pluck().get()).toBe('kept');
    backup.close();
  });

  test('a start goes on without its backup, a migration does not', () => {
    open(MIGRATIONS).close();
    writeFileSync(join(directory, 'backups'), 'a file where the folder should be');
    open(MIGRATIONS).close();
    expect(() => open([...MIGRATIONS, addColumn])).toThrow('EEXIST');
    const database = open(MIGRATIONS);
    expect(schemaVersion(database)).toBe(MIGRATIONS.length);
    database.close();
  });

  test('what an unfinished backup left behind is removed', () => {
    open(MIGRATIONS).close();
    mkdirSync(join(directory, 'backups'));
    writeFileSync(join(directory, 'backups', 'tidecast-20260101T000000000Z-v1.db.partial'), 'half');
    open(MIGRATIONS).close();
    expect(readdirSync(join(directory, 'backups'))).toEqual([expect.stringMatching(/\.db$/)]);
  });

  test('a file of a newer version is refused and not touched', () => {
    open([...MIGRATIONS, addColumn]).close();
    expect(() => open(MIGRATIONS)).toThrow(expect.objectContaining({ code: 'store.newer-version' }));
    const database = open([...MIGRATIONS, addColumn]);
    expect(schemaVersion(database)).toBe(MIGRATIONS.length + 1);
    database.close();
  });
});
