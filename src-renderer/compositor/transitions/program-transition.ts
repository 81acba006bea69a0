/** Notices that another scene is on the program, and says for each tick how far the old one has gone. */
import type { SceneCollection, SceneId, Transition } from '../../../src-shared/domain/index.ts';
import { type Mix, mixOf } from './mix.ts';

interface Run {
  fromSceneId: SceneId;
  transition: Exclude<Transition, { kind: 'cut' }>;
  /** the first tick that shows something of the new scene; null: not made yet */
  startTick: number | null;
}

export class ProgramTransition {
  #run: Run | null = null;

  /** Another version of the collection. A scene that is put on the program in mid-transition follows the last new one. */
  follow(before: SceneCollection | null, after: SceneCollection): void {
    const isThere = (id: SceneId) => after.scenes.some((scene) => scene.id === id);
    if (this.#run && !isThere(this.#run.fromSceneId)) this.#run = null;
    if (!before || before.programSceneId === after.programSceneId) return;
    const transition = after.scenes.find(({ id }) => id === after.programSceneId)?.transition ?? after.transition;
    const cuts = transition.kind === 'cut' || !isThere(before.programSceneId);
    this.#run = cuts ? null : { fromSceneId: before.programSceneId, transition, startTick: null };
  }

  /** @returns null when the program scene is all there is to show */
  at(tick: number, frameRate: number): { fromSceneId: SceneId; mix: Mix } | null {
    const run = this.#run;
    if (!run) return null;
    // ticks count anew when the frame rate changes
    if (run.startTick === null || tick < run.startTick) run.startTick = tick;
    const ticks = Math.max(1, Math.round((run.transition.durationMs * frameRate) / 1_000));
    const progress = (tick - run.startTick + 1) / (ticks + 1);
    if (progress < 1) return { fromSceneId: run.fromSceneId, mix: mixOf(run.transition, progress) };
    this.#run = null;
    return null;
  }
}
