import type { Database } from 'better-sqlite3';
import { SceneCollection } from '../../../../src-shared/domain/index.ts';
import { StudioError } from '../../../../src-shared/errors.ts';
import { fromJson, type JsonRow } from '../json-rows.ts';
import { FIRST_COLLECTION } from '../seed.ts';
import type { CallsOf, Handlers } from './handlers.ts';

const ID = 'main';

export function collectionHandlers(database: Database): Handlers<CallsOf<'collection'>> {
  const select = database.prepare<[string], JsonRow & { revision: number }>('SELECT revision, json FROM collections WHERE id = ?');
  const insert = database.prepare<[string, string]>('INSERT OR IGNORE INTO collections (id, revision, json) VALUES (?, 1, ?)');
  const update = database.prepare<[string, string, number]>(
    'UPDATE collections SET revision = revision + 1, json = ? WHERE id = ? AND revision = ?',
  );
  insert.run(ID, JSON.stringify(FIRST_COLLECTION));

  const stored = () => {
    const row = select.get(ID);
    if (!row) throw new StudioError('store.not-found', 'The scenes are missing from the data file. Restore a backup of it.');
    return row;
  };

  return {
    'collection.get': () => {
      const row = stored();
      return { revision: row.revision, collection: fromJson(SceneCollection, row) };
    },
    'collection.save': ({ baseRevision, collection }) => {
      if (update.run(JSON.stringify(collection), ID, baseRevision).changes === 1) return { revision: baseRevision + 1 };
      throw new StudioError(
        'store.conflict',
        `The scenes were changed elsewhere (now revision ${stored().revision}, edited ${baseRevision}). Load them again and repeat the edit.`,
      );
    },
  };
}
