import { unlink } from 'node:fs/promises';
import type { RecordingId } from '../../../src-shared/domain/index.ts';
import { StudioError } from '../../../src-shared/errors.ts';
import type { AreaHandlers, EngineContext } from './context.ts';

export function recordingCalls({ store, recorder, emit }: EngineContext): AreaHandlers<'recording'> {
  return {
    'recording.start': () => recorder.start(),
    'recording.stop': () => recorder.stop(),
    'recording.list': () => store.recordings.list(),
    'recording.remove': async ({ id, deleteFile }) => {
      refuseRunning(id);
      const { path } = await store.recordings.get(id);
      if (deleteFile) await deleteRecording(path);
      await store.recordings.remove(id);
      emit('recordings.changed', await store.recordings.list());
    },
    'recording.thumbnail': ({ id }) => store.recordings.thumbnail(id),
  };

  function refuseRunning(id: RecordingId): void {
    const { state } = recorder;
    if (state.phase === 'recording' && state.recordingId === id)
      throw new StudioError('record.already-recording', 'This recording is running. Stop it first.');
  }
}

/** A file that is gone already is what was asked for. */
async function deleteRecording(path: string): Promise<void> {
  await unlink(path).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'ENOENT')
      throw new StudioError('record.io', `${path} could not be deleted (${cause.code}). Close programs that use it and try again.`, {
        cause,
      });
  });
}
