/** Runs a source's filters on the GPU: a pass for each run of point filters, and the passes of each area filter. */
import { tickToUs } from '../../../../src-shared/units.ts';
import type { GlProgram, GlTarget } from '../../backends/webgl2/gl.ts';
import type { SizePx } from '../../layout.ts';
import type { SourcePicture } from '../../sources/source-picture.ts';
import { answerOf, type FilterRequest, requestKey, type Step, stepsOf, workSize } from '../chain.ts';
import { FilterCosts } from '../filter-costs.ts';
import type { GlRun, Uniforms } from '../filter-kind.ts';
import { FilterStates } from '../filter-states.ts';
import { pointShader } from '../point-program.ts';
import { GlTimer } from './gl-timer.ts';
import { Passes } from './passes.ts';
import { TargetPool } from './target-pool.ts';

interface Chain {
  key: string;
  steps: { step: Step; points: Points | null }[];
  states: FilterStates;
  answer: { to: string; picture: SourcePicture; target: GlTarget } | null;
  used: boolean;
}

/** Point filters in one program, with the tables they look things up in. */
interface Points extends Disposable {
  program: GlProgram;
  uniforms: Uniforms;
  textures: Record<string, { texture: WebGLTexture }>;
}

export class GlFilters {
  readonly costs = new FilterCosts();
  readonly #gl: WebGL2RenderingContext;
  readonly #upload: (sourceId: string, picture: SourcePicture) => WebGLTexture;
  readonly #passes: Passes;
  readonly #pool: TargetPool;
  readonly #timer: GlTimer;
  readonly #chains = new Map<string, Chain>();
  readonly #targets = new WeakMap<SourcePicture, GlTarget>();

  /** @param upload a source's picture as a texture */
  constructor(gl: WebGL2RenderingContext, upload: (sourceId: string, picture: SourcePicture) => WebGLTexture) {
    this.#gl = gl;
    this.#upload = upload;
    this.#passes = new Passes(gl);
    this.#pool = new TargetPool(gl);
    this.#timer = new GlTimer(gl, (ids, ms) => this.costs.add(ids, ms));
  }

  filter(request: FilterRequest): SourcePicture {
    const chain = this.#chainOf(request);
    chain.used = true;
    const to = requestKey(request);
    if (chain.answer?.to === to) return chain.answer.picture;
    this.#timer.poll();
    const target = this.#run(request, chain);
    if (chain.answer) this.#pool.letGo(chain.answer.target);
    const picture = answerOf(request);
    this.#targets.set(picture, target);
    chain.answer = { to, picture, target };
    return picture;
  }

  /** The texture of a picture that `filter` has answered with. */
  textureOf(picture: SourcePicture): WebGLTexture | undefined {
    return this.#targets.get(picture)?.texture;
  }

  forgetUnused(): void {
    for (const [sourceId, chain] of this.#chains) {
      if (!chain.used) {
        for (const { points } of chain.steps) points?.[Symbol.dispose]();
        chain.states[Symbol.dispose]();
        if (chain.answer) this.#pool.letGo(chain.answer.target);
        this.#chains.delete(sourceId);
      }
      chain.used = false;
    }
    this.#pool.trim();
  }

  #chainOf(request: FilterRequest): Chain {
    const { sourceId, picture, filters, scale } = request;
    const size = workSize(picture, scale);
    const key = `${size.width}x${size.height},${requestKey({ ...request, picture: { ...picture, revision: 0 }, at: { tick: 0, frameRate: 0 } })}`;
    let chain = this.#chains.get(sourceId);
    if (!chain) this.#chains.set(sourceId, (chain = { key: '', steps: [], states: new FilterStates(), answer: null, used: true }));
    if (chain.key === key) return chain;
    for (const { points } of chain.steps) points?.[Symbol.dispose]();
    chain.key = key;
    const steps = stepsOf(filters, size, scale);
    // The picture is taken in by a point pass, which may scale and mirror it.
    if (steps[0]?.shape !== 'points') steps.unshift({ shape: 'points', points: [] });
    chain.steps = steps.map((step) => ({ step, points: this.#pointsOf(step) }));
    return chain;
  }

  #pointsOf(step: Step): Points | null {
    if (step.shape === 'area') return null;
    const uniforms: Uniforms = {};
    const textures: Points['textures'] = {};
    const tables: Disposable[] = [];
    for (const [index, { kind, filter, context }] of step.points.entries()) {
      for (const [name, value] of Object.entries(kind.uniforms(filter, context))) {
        if (typeof value === 'number' || Array.isArray(value)) uniforms[`${name}${index}`] = value;
        else {
          const table = this.#passes.upload(value as Exclude<typeof value, readonly number[]>);
          textures[`${name}${index}`] = table;
          tables.push(table);
        }
      }
    }
    const program = this.#passes.program(pointShader(step.points.map(({ kind }) => kind.glsl)));
    return {
      program,
      uniforms,
      textures,
      [Symbol.dispose]() {
        for (const table of tables) table[Symbol.dispose]();
      },
    };
  }

  /** @returns a held target */
  #run(request: FilterRequest, chain: Chain): GlTarget {
    const { picture, sourceId, scale, at } = request;
    this.#gl.disable(this.#gl.BLEND);
    let input: { texture: WebGLTexture } = { texture: this.#upload(sourceId, picture) };
    let take = picture.mirrored ? [1, 0, -1, 1] : [0, 0, 1, 1];
    let size = workSize(picture, scale);
    let target: GlTarget | null = null;
    for (const { step, points } of chain.steps) {
      const ids = step.shape === 'points' ? step.points.map(({ filter }) => filter.id) : [step.filter.id];
      this.#timer.begin(ids.length > 0 ? ids : [sourceId]);
      if (step.shape === 'points' && points) {
        target = this.#draw(
          points.program,
          { picture: input, ...points.textures },
          { ...points.uniforms, size: [size.width, size.height], take },
          size,
        );
        take = [0, 0, 1, 1];
      } else if (step.shape === 'area' && target) {
        const { kind, filter, context } = step;
        const run: GlRun = {
          ...context,
          atUs: tickToUs(at.tick, at.frameRate),
          frameRate: at.frameRate,
          analysis: null,
          keep: (key, make) => chain.states.keep(filter.id, key, make),
          draw: (fragment, inputs, uniforms = {}, to = context.size) => this.#draw(this.#passes.program(fragment), inputs, uniforms, to),
          upload: (table) => this.#passes.upload(table),
          hold: (held) => this.#pool.hold(held),
          letGo: (held) => this.#pool.letGo(held),
        };
        target = kind.gl(run, target, filter);
        size = kind.size?.(filter, size, scale) ?? size;
      }
      this.#timer.end();
      if (target) input = target;
    }
    if (!target) throw new Error('a chain of filters has no steps');
    this.#pool.hold(target);
    this.#pool.endPicture();
    chain.states.forgetUnused();
    return target;
  }

  #draw(program: GlProgram, inputs: Record<string, { texture: WebGLTexture }>, uniforms: Uniforms, size: SizePx): GlTarget {
    const target = this.#pool.take(size);
    this.#passes.draw(program, inputs, uniforms, target);
    return target;
  }
}
