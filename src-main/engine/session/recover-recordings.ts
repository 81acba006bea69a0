/** What an engine that was killed left behind is put in order at the next start: nothing recorded is lost from sight. */
import { access } from 'node:fs/promises';
import type { Recording } from '../../../src-shared/domain/index.ts';
import type { Emit } from '../events.ts';
import type { Log } from '../log.ts';
import type { ActivityLog } from '../monitor/activity-log.ts';
import { recoverRecording } from '../record/recover.ts';
import type { Store } from '../store/store.ts';

const SUBJECT = 'Recording';

export interface RecoverOptions {
  store: Pick<Store, 'recordings'>;
  activities: Pick<ActivityLog, 'add'>;
  emit: Emit;
  log: Log;
}

/**
 * Checks the rows against their files. One that is not there (its drive may be elsewhere today) is looked for again at
 * every start. Never rejects: a row that cannot be written, as on a full disk, keeps neither the others nor the engine.
 * @param rows as they were before this engine began to record
 */
export async function recoverRecordings(rows: readonly Recording[], options: RecoverOptions): Promise<void> {
  const { store, emit, log } = options;
  for (const row of rows) {
    try {
      if (await putInOrder(row, options)) emit('recordings.changed', await store.recordings.list());
    } catch (error) {
      log.warn(`recording: ${row.path} is not put in order: ${String(error)}`);
    }
  }
}

/** @returns whether the row has changed */
async function putInOrder(row: Recording, options: RecoverOptions): Promise<boolean> {
  const { id, path, status, durationMs } = row;
  const there = await exists(path);
  const wasMeasured = status !== 'recording' && durationMs > 0;
  if (there && !wasMeasured && status !== 'complete') return recover(row, options);
  const next = there ? (status === 'missing' ? 'complete' : status) : 'missing';
  if (next === status) return false;
  await options.store.recordings.update(id, { status: next });
  if (status === 'recording') {
    const message = `Tidecast ended while recording, and ${path} is not there now. Connect its drive, then start Tidecast again: it will be checked.`;
    options.activities.add({ level: 'error', subject: SUBJECT, message });
  } else options.log.warn(`recording: ${path} is ${there ? 'there again' : 'gone'}`);
  return true;
}

async function recover({ id, path, status }: Recording, { store, activities, log }: RecoverOptions): Promise<boolean> {
  const left = await recoverRecording(path).catch((error: unknown) => log.warn(`recording: ${path}: ${String(error)}`));
  if (left?.playable) {
    const { durationMs, sizeBytes, widthPx, heightPx } = left;
    await store.recordings.update(id, { status: 'interrupted', durationMs, sizeBytes, widthPx, heightPx });
    const message = `Tidecast ended while recording. ${path} is whole up to that moment: ${Math.round(durationMs / 1_000)} s.`;
    activities.add({ level: 'warning', subject: SUBJECT, message });
    return true;
  }
  if (status === 'missing') return false; // said at an earlier start
  await store.recordings.update(id, { status: 'missing' });
  const message = left
    ? `Tidecast ended while recording, and no picture had reached ${path} yet.`
    : `Tidecast ended while recording, and ${path} cannot be read now. It is checked again at the next start.`;
  activities.add({ level: 'error', subject: SUBJECT, message });
  return true;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
