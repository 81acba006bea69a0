/** What an engine that was killed left behind is put in order at the next start: nothing recorded is lost from sight. */
import { access } from 'node:fs/promises';
import type { Recording } from '../../../src-shared/domain/index.ts';
import type { Log } from '../log.ts';
import type { ActivityLog } from '../monitor/activity-log.ts';
import { recoverRecording } from '../record/recover.ts';
import type { Store } from '../store/store.ts';

const SUBJECT = 'Recording';

export async function recoverRecordings(store: Store, activities: ActivityLog, log: Log): Promise<void> {
  for (const recording of await store.recordings.list()) {
    const there = await exists(recording.path);
    if (recording.status === 'recording') await recover(recording, there, store, activities);
    else if (!there && recording.status !== 'missing') {
      await store.recordings.update(recording.id, { status: 'missing' });
      log.warn(`recording: ${recording.path} is gone`);
    } else if (there && recording.status === 'missing' && recording.durationMs > 0)
      await store.recordings.update(recording.id, { status: 'complete' });
  }
}

async function recover({ id, path }: Recording, there: boolean, store: Store, activities: ActivityLog): Promise<void> {
  const left = there ? await recoverRecording(path).catch(() => null) : null;
  if (!left?.playable) {
    await store.recordings.update(id, { status: 'missing' });
    return activities.add({
      level: 'error',
      subject: SUBJECT,
      message: `Tidecast ended while recording, and no picture had reached ${path} yet.`,
    });
  }
  const { durationMs, sizeBytes, widthPx, heightPx } = left;
  await store.recordings.update(id, { status: 'interrupted', durationMs, sizeBytes, widthPx, heightPx });
  activities.add({
    level: 'warning',
    subject: SUBJECT,
    message: `Tidecast ended while recording. ${path} is whole up to that moment: ${Math.round(durationMs / 1_000)} s.`,
  });
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
