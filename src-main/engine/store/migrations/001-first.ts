import type { Database } from 'better-sqlite3';
import type { Migration } from '../migrate.ts';

/** Objects of the domain are JSON, checked by their zod schema on the way in and out; columns are what is sorted or joined by. */
export const first: Migration = {
  name: 'first',
  up(database: Database): void {
    database.exec(`
      CREATE TABLE profiles (
        id TEXT PRIMARY KEY,
        position INTEGER NOT NULL,
        json TEXT NOT NULL CHECK (json_valid(json))
      ) STRICT;
      CREATE TABLE collections (
        id TEXT PRIMARY KEY,
        revision INTEGER NOT NULL,
        json TEXT NOT NULL CHECK (json_valid(json))
      ) STRICT;
      CREATE TABLE destinations (
        id TEXT PRIMARY KEY,
        position INTEGER NOT NULL,
        json TEXT NOT NULL CHECK (json_valid(json))
      ) STRICT;
      CREATE TABLE recordings (
        id TEXT PRIMARY KEY,
        started_at_ms REAL NOT NULL,
        path TEXT NOT NULL,
        duration_ms REAL NOT NULL,
        size_bytes INTEGER NOT NULL,
        width_px INTEGER NOT NULL,
        height_px INTEGER NOT NULL,
        status TEXT NOT NULL,
        thumbnail BLOB
      ) STRICT;
      CREATE INDEX recordings_by_start ON recordings (started_at_ms DESC);
      CREATE TABLE assets (
        id TEXT PRIMARY KEY,
        name TEXT NOT NULL,
        mime_type TEXT NOT NULL,
        size_bytes INTEGER NOT NULL,
        added_at_ms REAL NOT NULL
      ) STRICT;
      CREATE TABLE sessions (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        started_at_ms REAL NOT NULL,
        ended_at_ms REAL,
        live INTEGER NOT NULL CHECK (live IN (0, 1)),
        metrics TEXT NOT NULL DEFAULT 'null' CHECK (json_valid(metrics))
      ) STRICT;
      CREATE TABLE activities (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        json TEXT NOT NULL CHECK (json_valid(json))
      ) STRICT;
      CREATE TABLE settings (
        key TEXT PRIMARY KEY,
        json TEXT NOT NULL CHECK (json_valid(json))
      ) STRICT, WITHOUT ROWID;
    `);
  },
};
