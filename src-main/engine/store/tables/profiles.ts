import type { Database } from 'better-sqlite3';
import { Profile, ProfileId } from '../../../../src-shared/domain/index.ts';
import { StudioError } from '../../../../src-shared/errors.ts';
import { fromJson, type JsonRow } from '../json-rows.ts';
import { FIRST_PROFILE } from '../seed.ts';
import type { CallsOf, Handlers } from './handlers.ts';

const ACTIVE_KEY = 'profiles.active';

export function profileHandlers(database: Database): Handlers<CallsOf<'profiles'>> {
  const all = database.prepare<[], JsonRow>('SELECT json FROM profiles ORDER BY position');
  const upsert = database.prepare<[string, string]>(
    `INSERT INTO profiles (id, position, json) VALUES (?, (SELECT coalesce(max(position), 0) + 1 FROM profiles), ?)
     ON CONFLICT (id) DO UPDATE SET json = excluded.json`,
  );
  const exists = database.prepare<[string]>('SELECT 1 FROM profiles WHERE id = ?');
  const remove = database.prepare<[string]>('DELETE FROM profiles WHERE id = ?');
  const active = database.prepare<[string], JsonRow>('SELECT json FROM settings WHERE key = ?');
  const activate = database.prepare<[string, string]>('INSERT OR REPLACE INTO settings (key, json) VALUES (?, ?)');

  const save = (profile: Profile) => void upsert.run(profile.id, JSON.stringify(profile));
  const setActive = (id: ProfileId) => void activate.run(ACTIVE_KEY, JSON.stringify(id));
  const activeId = () => fromJson(ProfileId, active.get(ACTIVE_KEY) ?? { json: JSON.stringify(FIRST_PROFILE.id) });

  database.transaction(() => {
    if (all.get()) return;
    save(FIRST_PROFILE);
    setActive(FIRST_PROFILE.id);
  })();

  return {
    'profiles.list': () => ({ activeId: activeId(), profiles: all.all().map((row) => fromJson(Profile, row)) }),
    'profiles.save': save,
    'profiles.activate': ({ id }) => {
      if (!exists.get(id)) throw new StudioError('store.not-found', 'This profile no longer exists. Choose another one.');
      setActive(id);
    },
    'profiles.remove': ({ id }) => {
      if (id === activeId()) throw new StudioError('store.conflict', 'This profile is in use. Choose another one first, then remove it.');
      remove.run(id);
    },
  };
}
