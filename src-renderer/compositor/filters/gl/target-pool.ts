/** Targets for passes, used again from picture to picture. */
import { GlTarget } from '../../backends/webgl2/gl.ts';
import type { SizePx } from '../../layout.ts';

/** targets that nobody has needed for so many pictures are deleted */
const IDLE_PICTURES = 60;

export class TargetPool {
  readonly #gl: WebGL2RenderingContext;
  /** how often each is held, whether it belongs to the picture being made, and since how many pictures nobody wants it */
  readonly #targets = new Map<GlTarget, { holds: number; busy: boolean; idle: number }>();

  constructor(gl: WebGL2RenderingContext) {
    this.#gl = gl;
  }

  take({ width, height }: SizePx): GlTarget {
    for (const [target, state] of this.#targets) {
      if (state.busy || state.holds > 0 || target.width !== width || target.height !== height) continue;
      state.busy = true;
      state.idle = 0;
      return target;
    }
    const target = new GlTarget(this.#gl, width, height);
    this.#targets.set(target, { holds: 0, busy: true, idle: 0 });
    return target;
  }

  hold(target: GlTarget): void {
    const state = this.#targets.get(target);
    if (state) state.holds += 1;
  }

  letGo(target: GlTarget): void {
    const state = this.#targets.get(target);
    if (state) state.holds -= 1;
  }

  endPicture(): void {
    for (const state of this.#targets.values()) state.busy = false;
  }

  trim(): void {
    for (const [target, state] of this.#targets) {
      if (state.holds > 0 || ++state.idle < IDLE_PICTURES) continue;
      target.dispose();
      this.#targets.delete(target);
    }
  }
}
