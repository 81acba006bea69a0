/**
 * The scene collection as the user edits it: changes show at once, are saved 150 ms later with the revision they were
 * made on, and are given up for the engine's version when someone else saved in between.
 */
import { create } from 'zustand';
import { SceneCollection, type SceneId, type SceneItemId } from '../../../src-shared/domain/index.ts';
import { StudioError } from '../../../src-shared/errors.ts';
import type { Client } from '../../../src-shared/ipc/rpc.ts';
import { link } from '../../engine-client/engine.ts';
import { say } from '../activity/notices.ts';
import { type Edit, programScene } from './edits.ts';
import { EMPTY_HISTORY, type History, note, redo, undo } from './history.ts';

const SAVE_DELAY_MS = 150;

interface CollectionState {
  collection: SceneCollection | null;
  selectedId: SceneItemId | null;
  history: History;
}

export const useCollection = create<CollectionState>(() => ({ collection: null, selectedId: null, history: EMPTY_HISTORY }));

let revision = 0;
let dirty = false;
let saving: Promise<void> | null = null;
/** a push that came while we were saving: ours, or another window's right after it */
let held: { revision: number; collection: SceneCollection } | null = null;
let timer: ReturnType<typeof setTimeout> | null = null;

/** @param key edits that follow each other with the same key become one undo step */
export function edit(change: Edit, key: string | null = null): void {
  const { collection, history } = useCollection.getState();
  if (!collection) return;
  const next = change(collection);
  const checked = SceneCollection.safeParse(next);
  if (!checked.success) return; // a half-typed number: the field shows it, the scene keeps its last good value
  useCollection.setState({ collection: next, history: note(history, collection, key, performance.now()) });
  markDirty();
}

export function undoEdit(): void {
  travel(undo);
}

export function redoEdit(): void {
  travel(redo);
}

function travel(step: typeof undo): void {
  const { collection, history } = useCollection.getState();
  const done = collection && step(history, collection);
  if (!done) return;
  useCollection.setState(done);
  select(useCollection.getState().selectedId);
  markDirty();
}

/** Selects an item of the program scene; one that is not there clears the selection. */
export function select(id: SceneItemId | null): void {
  const { collection } = useCollection.getState();
  const there = collection !== null && programScene(collection).items.some((item) => item.id === id);
  useCollection.setState({ selectedId: there ? id : null });
}

/** Puts a scene on air. Pending edits are saved first, so the cut never loses one. */
export async function cutTo(sceneId: SceneId): Promise<void> {
  const { collection } = useCollection.getState();
  if (!collection || collection.programSceneId === sceneId) return;
  useCollection.setState({ collection: { ...collection, programSceneId: sceneId }, selectedId: null });
  await flush();
  try {
    revision = Math.max(revision, (await link.invoke('scene.cut', { sceneId })).revision);
  } catch (error) {
    say(error);
    await reload();
  }
}

function markDirty(): void {
  dirty = true;
  timer ??= setTimeout(() => void flush(), SAVE_DELAY_MS);
}

async function flush(): Promise<void> {
  if (timer) clearTimeout(timer);
  timer = null;
  await saving;
  if (!dirty) return;
  saving = save().finally(() => {
    saving = null;
    if (held && held.revision > revision && !dirty) adopt(held.collection, held.revision);
    held = null;
  });
  await saving;
  if (dirty && link.state.phase === 'connected') markDirty();
}

async function save(): Promise<void> {
  const { collection } = useCollection.getState();
  if (!collection) return;
  dirty = false;
  try {
    revision = Math.max(revision, (await link.invoke('collection.save', { baseRevision: revision, collection })).revision);
  } catch (error) {
    if (error instanceof StudioError && error.code === 'ipc.disconnected') {
      dirty = true; // kept, and saved when the engine is back
      return;
    }
    say(error);
    await reload();
  }
}

/** Takes the engine's version; where that fails too, the next connection brings it. */
async function reload(): Promise<void> {
  await link.invoke('collection.get').then((latest) => adopt(latest.collection, latest.revision), say);
}

function adopt(collection: SceneCollection, newRevision: number): void {
  revision = newRevision;
  dirty = false;
  useCollection.setState({ collection });
  select(useCollection.getState().selectedId);
}

link.onClient((client: Client) => {
  client.on('collection.changed', (pushed) => {
    if (saving) held = pushed;
    if (pushed.revision <= revision || saving || dirty) return; // an edit that is on its way will meet it as a conflict
    adopt(pushed.collection, pushed.revision);
  });
  void client.invoke('collection.get').then(async (latest) => {
    if (dirty && latest.revision === revision) await flush();
    else adopt(latest.collection, latest.revision);
  }, say);
});
