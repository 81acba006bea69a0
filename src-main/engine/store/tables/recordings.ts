import type { Database } from 'better-sqlite3';
import { Recording } from '../../../../src-shared/domain/index.ts';
import { StudioError } from '../../../../src-shared/errors.ts';
import type { CallsOf, Handlers } from './handlers.ts';

interface RecordingRow {
  id: string;
  started_at_ms: number;
  path: string;
  duration_ms: number;
  size_bytes: number;
  width_px: number;
  height_px: number;
  status: string;
  has_thumbnail: number;
}

const COLUMNS = 'id, started_at_ms, path, duration_ms, size_bytes, width_px, height_px, status, thumbnail IS NOT NULL AS has_thumbnail';

export function recordingHandlers(database: Database): Handlers<CallsOf<'recordings'>> {
  const all = database.prepare<[], RecordingRow>(`SELECT ${COLUMNS} FROM recordings ORDER BY started_at_ms DESC, id`);
  const one = database.prepare<[string], RecordingRow>(`SELECT ${COLUMNS} FROM recordings WHERE id = ?`);
  const insert = database.prepare<[Omit<RecordingRow, 'has_thumbnail'>]>(
    `INSERT INTO recordings (id, started_at_ms, path, duration_ms, size_bytes, width_px, height_px, status)
     VALUES (@id, @started_at_ms, @path, @duration_ms, @size_bytes, @width_px, @height_px, @status)`,
  );
  const update = database.prepare<[Omit<RecordingRow, 'has_thumbnail'>]>(
    `UPDATE recordings SET started_at_ms = @started_at_ms, path = @path, duration_ms = @duration_ms, size_bytes = @size_bytes,
     width_px = @width_px, height_px = @height_px, status = @status WHERE id = @id`,
  );
  const remove = database.prepare<[string]>('DELETE FROM recordings WHERE id = ?');
  const setThumbnail = database.prepare<[Uint8Array, string]>('UPDATE recordings SET thumbnail = ? WHERE id = ?');
  const thumbnail = database.prepare<[string], { thumbnail: Uint8Array | null }>('SELECT thumbnail FROM recordings WHERE id = ?');

  const get = (id: string): Recording => {
    const row = one.get(id);
    if (!row) throw missing();
    return fromRow(row);
  };
  const change = database.transaction((id: string, changes: Partial<Recording>) => {
    update.run(toRow(Recording.parse({ ...get(id), ...changes })));
    return get(id);
  });

  return {
    'recordings.list': () => all.all().map(fromRow),
    'recordings.get': ({ id }) => get(id),
    'recordings.insert': (recording) => void insert.run(toRow(recording)),
    'recordings.update': ({ id, changes }) => change(id, changes as Partial<Recording>),
    'recordings.remove': ({ id }) => void remove.run(id),
    'recordings.setThumbnail': ({ id, jpeg }) => {
      if (setThumbnail.run(jpeg, id).changes === 0) throw missing();
    },
    'recordings.thumbnail': ({ id }) => {
      const jpeg = thumbnail.get(id)?.thumbnail;
      return jpeg ? Uint8Array.from(jpeg) : null;
    },
  };
}

const missing = () => new StudioError('store.not-found', 'This recording is no longer in the list.');

function toRow(recording: Recording): Omit<RecordingRow, 'has_thumbnail'> {
  return {
    id: recording.id,
    started_at_ms: recording.startedAtMs,
    path: recording.path,
    duration_ms: recording.durationMs,
    size_bytes: Math.round(recording.sizeBytes),
    width_px: recording.widthPx,
    height_px: recording.heightPx,
    status: recording.status,
  };
}

function fromRow(row: RecordingRow): Recording {
  return Recording.parse({
    id: row.id,
    path: row.path,
    startedAtMs: row.started_at_ms,
    durationMs: row.duration_ms,
    sizeBytes: row.size_bytes,
    widthPx: row.width_px,
    heightPx: row.height_px,
    status: row.status,
    hasThumbnail: row.has_thumbnail === 1,
  });
}
