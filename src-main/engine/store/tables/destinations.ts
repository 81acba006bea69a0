import type { Database } from 'better-sqlite3';
import { Destination } from '../../../../src-shared/domain/index.ts';
import { fromJson, type JsonRow } from '../json-rows.ts';
import { REHEARSAL } from '../seed.ts';
import type { CallsOf, Handlers } from './handlers.ts';

const SEEDED_KEY = 'destinations.seeded';

/** The schema is strict, so nothing but a destination's own fields, and never a key, can be written. */
export function destinationHandlers(database: Database): Handlers<CallsOf<'destinations'>> {
  const all = database.prepare<[], JsonRow>('SELECT json FROM destinations ORDER BY position');
  const upsert = database.prepare<[string, string]>(
    `INSERT INTO destinations (id, position, json) VALUES (?, (SELECT coalesce(max(position), 0) + 1 FROM destinations), ?)
     ON CONFLICT (id) DO UPDATE SET json = excluded.json`,
  );
  const remove = database.prepare<[string]>('DELETE FROM destinations WHERE id = ?');
  const markSeeded = database.prepare<[string]>("INSERT OR IGNORE INTO settings (key, json) VALUES (?, 'true')");
  const save = (destination: Destination) => void upsert.run(destination.id, JSON.stringify(destination));

  database.transaction(() => {
    if (markSeeded.run(SEEDED_KEY).changes === 1) save(REHEARSAL); // once: a user may remove it
  })();

  return {
    'destinations.list': () => all.all().map((row) => fromJson(Destination, row)),
    'destinations.save': save,
    'destinations.remove': ({ id }) => void remove.run(id),
  };
}
