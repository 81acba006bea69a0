import type { Database } from 'better-sqlite3';
import { fromJson, type JsonRow } from '../json-rows.ts';
import { JsonValue } from '../protocol.ts';
import type { CallsOf, Handlers } from './handlers.ts';

export function settingHandlers(database: Database): Handlers<CallsOf<'settings'>> {
  const select = database.prepare<[string], JsonRow>('SELECT json FROM settings WHERE key = ?');
  const upsert = database.prepare<[string, string]>('INSERT OR REPLACE INTO settings (key, json) VALUES (?, ?)');
  const remove = database.prepare<[string]>('DELETE FROM settings WHERE key = ?');
  return {
    'settings.get': ({ key }) => {
      const row = select.get(key);
      return row ? fromJson(JsonValue, row) : null;
    },
    'settings.set': ({ key, value }) => void upsert.run(key, JSON.stringify(value)),
    'settings.remove': ({ key }) => void remove.run(key),
  };
}
