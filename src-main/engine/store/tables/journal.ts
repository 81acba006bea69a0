import type { Database } from 'better-sqlite3';
import { Activity } from '../../../../src-shared/domain/index.ts';
import { StudioError } from '../../../../src-shared/errors.ts';
import { fromJson, type JsonRow } from '../json-rows.ts';
import { JsonValue, type SessionRecord } from '../protocol.ts';
import type { CallsOf, Handlers } from './handlers.ts';

const ACTIVITIES_KEPT = 1_000;
const StoredActivity = Activity.omit({ id: true });

interface SessionRow {
  id: number;
  started_at_ms: number;
  ended_at_ms: number | null;
  live: number;
  metrics: string;
}

export function activityHandlers(database: Database): Handlers<CallsOf<'activities'>> {
  const insert = database.prepare<[string]>('INSERT INTO activities (json) VALUES (?)');
  const forget = database.prepare<[number]>('DELETE FROM activities WHERE id <= ?');
  const newest = database.prepare<[number], JsonRow & { id: number }>('SELECT id, json FROM activities ORDER BY id DESC LIMIT ?');
  const add = database.transaction((activity: Omit<Activity, 'id'>) => {
    const id = Number(insert.run(JSON.stringify(activity)).lastInsertRowid);
    forget.run(id - ACTIVITIES_KEPT);
    return { ...activity, id };
  });
  return {
    'activities.add': (activity) => add(activity),
    'activities.list': ({ limit }) =>
      newest
        .all(limit)
        .reverse()
        .map((row) => ({ ...fromJson(StoredActivity, row), id: row.id })),
  };
}

export function sessionHandlers(database: Database): Handlers<CallsOf<'sessions'>> {
  const insert = database.prepare<[number, number]>('INSERT INTO sessions (started_at_ms, live) VALUES (?, ?)');
  const update = database.prepare<[number | null, string | null, number]>(
    'UPDATE sessions SET ended_at_ms = coalesce(?, ended_at_ms), metrics = coalesce(?, metrics) WHERE id = ?',
  );
  const newest = database.prepare<[number], SessionRow>('SELECT * FROM sessions ORDER BY id DESC LIMIT ?');
  return {
    'sessions.begin': ({ startedAtMs, live }) => ({ id: Number(insert.run(startedAtMs, live ? 1 : 0).lastInsertRowid) }),
    'sessions.update': ({ id, changes }) => {
      const metrics = changes.metrics === undefined ? null : JSON.stringify(changes.metrics);
      if (update.run(changes.endedAtMs ?? null, metrics, id).changes === 0)
        throw new StudioError('store.not-found', 'This show is not in the history.');
    },
    'sessions.list': ({ limit }) => newest.all(limit).map(fromRow),
  };
}

function fromRow(row: SessionRow): SessionRecord {
  const metrics = fromJson(JsonValue, { json: row.metrics });
  return { id: row.id, startedAtMs: row.started_at_ms, endedAtMs: row.ended_at_ms, live: row.live === 1, metrics };
}
