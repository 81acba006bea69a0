/**
 * Denoise over time: each pixel goes towards what it was before, unless it has moved. ψ is that of ./denoise.ts, cut
 * off by the most that any colour of the pixel has changed, so that a pixel moves or stays as a whole.
 *
 *   c' = c + w ψ(before - c)          w = 0.9 · strength, T = 4 + 0.1 · strength in levels; before = the last c'
 *
 * What is added is rounded towards c: rounded to the nearest, the last level would never be reached and leave a ghost.
 */
import type { FilterOf } from '../../../src-shared/domain/index.ts';
import type { GlTarget } from '../backends/webgl2/gl.ts';
import type { AreaKind, FilterContext, GlRun } from './filter-kind.ts';

type TemporalDenoise = FilterOf<'temporalDenoise'>;

const GLSL = `#version 300 es
precision highp float;
uniform sampler2D picture;
uniform sampler2D before;
uniform float twice;
uniform float weight;
out vec4 colour;
void main() {
  ivec2 p = ivec2(gl_FragCoord.xy);
  vec4 c = texelFetch(picture, p, 0) * 255.0;
  vec4 d = texelFetch(before, p, 0) * 255.0 - c;
  vec4 a = abs(d);
  float most = max(0.0, twice - max(max(a.r, a.g), max(a.b, a.a)));
  colour = (c + sign(d) * floor(min(a, most) * weight + 0.001)) / 255.0;
}`;

export const temporalDenoise: AreaKind<TemporalDenoise> = {
  shape: 'area',
  cpu(run, filter) {
    const count = run.size.width * run.size.height;
    const before = run.keep(sizeKey(run), () => run.kernels.memory(count * 4 + 64));
    const { threshold, weight } = numbersOf(filter);
    if (before.isFresh) run.kernels.copy(run.pixels, before.address, count * 4);
    else run.kernels.temporalDenoise(run.pixels, before.address, count, threshold, weight);
    before.isFresh = false;
  },
  gl(run, input, filter) {
    const { threshold, weight } = numbersOf(filter);
    const kept = run.keep(sizeKey(run), () => new Before(run));
    const result = kept.target
      ? run.draw(GLSL, { picture: input, before: kept.target }, { twice: 2 * threshold, weight: weight / 256 })
      : input;
    kept.replace(result);
    return result;
  },
  changesAlpha: () => false,
};

function numbersOf({ strengthPct }: TemporalDenoise): { threshold: number; weight: number } {
  return { threshold: Math.round(4 + strengthPct * 0.1), weight: Math.round(strengthPct * 2.3) };
}

const sizeKey = ({ size }: FilterContext) => `${size.width}x${size.height}`;

class Before implements Disposable {
  readonly #run: GlRun;
  target: GlTarget | null = null;

  constructor(run: GlRun) {
    this.#run = run;
  }

  replace(target: GlTarget): void {
    this.#run.hold(target);
    if (this.target) this.#run.letGo(this.target);
    this.target = target;
  }

  [Symbol.dispose](): void {
    if (this.target) this.#run.letGo(this.target);
  }
}
