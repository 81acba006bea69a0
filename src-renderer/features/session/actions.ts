/** Going live and recording, for buttons, keys and the palette alike. */
import { create } from 'zustand';
import type { DestinationView, StudioStats } from '../../../src-shared/domain/index.ts';
import { link, queries } from '../../engine-client/engine.ts';
import { say } from '../activity/notices.ts';
import { outsideDestinations } from './air-state.ts';

/** `asking`: Go live was pressed with real destinations enabled, and waits for a second press. */
export const useGoLive = create<{ asking: boolean; busy: boolean }>(() => ({ asking: false, busy: false }));

const ASKING_MS = 6_000;
let timer: ReturnType<typeof setTimeout> | undefined;

/** Starts at once when only the rehearsal is enabled; asks once in place when the world would see it. */
export function goLive(): void {
  const { asking, busy } = useGoLive.getState();
  const stats = queries.getQueryData<StudioStats>(['stats.get']);
  if (busy || (stats && stats.session.phase !== 'idle')) return;
  const outside = outsideDestinations(queries.getQueryData<DestinationView[]>(['destination.list']) ?? []);
  if (outside.length > 0 && !asking) {
    useGoLive.setState({ asking: true });
    timer = setTimeout(cancelGoLive, ASKING_MS);
    return;
  }
  cancelGoLive();
  void run(async () => {
    const session = await link.invoke('session.start');
    queries.setQueryData<StudioStats>(['stats.get'], (old) => (old ? { ...old, session } : old));
  });
}

export function cancelGoLive(): void {
  clearTimeout(timer);
  useGoLive.setState({ asking: false });
}

export function stopShow(): void {
  void run(() => link.invoke('session.stop'));
}

export function toggleRecording(): void {
  const recording = queries.getQueryData<StudioStats>(['stats.get'])?.recorder.phase === 'recording';
  void run(async () => {
    await link.invoke(recording ? 'recording.stop' : 'recording.start');
  });
}

async function run(act: () => Promise<void>): Promise<void> {
  useGoLive.setState({ busy: true });
  try {
    await act();
  } catch (error) {
    say(error);
  } finally {
    useGoLive.setState({ busy: false });
  }
}
