/** Undo and redo as a pure value. A run of edits with the same key (a drag, a fader) is one step. */
import type { SceneCollection } from '../../../src-shared/domain/index.ts';

export interface History {
  past: readonly SceneCollection[];
  future: readonly SceneCollection[];
  lastKey: string | null;
  lastAtMs: number;
}

export const EMPTY_HISTORY: History = { past: [], future: [], lastKey: null, lastAtMs: 0 };
const STEPS_MAX = 200;
const RUN_MS = 800;

/** @param before the collection as it was before the edit that is being noted */
export function note(history: History, before: SceneCollection, key: string | null, atMs: number): History {
  const continues = key !== null && key === history.lastKey && atMs - history.lastAtMs < RUN_MS;
  return { past: continues ? history.past : [...history.past, before].slice(-STEPS_MAX), future: [], lastKey: key, lastAtMs: atMs };
}

export function undo(history: History, now: SceneCollection): { history: History; collection: SceneCollection } | null {
  const before = history.past.at(-1);
  if (!before) return null;
  return {
    history: { past: history.past.slice(0, -1), future: [now, ...history.future], lastKey: null, lastAtMs: 0 },
    collection: onAirAs(now, before),
  };
}

export function redo(history: History, now: SceneCollection): { history: History; collection: SceneCollection } | null {
  const [after, ...future] = history.future;
  if (!after) return null;
  return { history: { past: [...history.past, now], future, lastKey: null, lastAtMs: 0 }, collection: onAirAs(now, after) };
}

/** Undo changes scenes, never which one viewers see, unless that scene is gone. */
function onAirAs(now: SceneCollection, restored: SceneCollection): SceneCollection {
  return restored.scenes.some(({ id }) => id === now.programSceneId) ? { ...restored, programSceneId: now.programSceneId } : restored;
}
