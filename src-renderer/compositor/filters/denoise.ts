/**
 * Denoise within a picture, keeping edges: each byte moves by the mean of what its eight neighbours say, where a
 * difference d counts as it is up to T, then less and less, and from 2T on not at all (a robust, redescending
 * influence as in Black et al., "Robust anisotropic diffusion", 1998). Twice.
 *
 *   c' = c + ⅛ Σ ψ(cᵢ - c)            ψ(d) = sign(d) · min(|d|, max(0, 2T - |d|)),  T = 1 + 0.2 · strength in levels
 */
import type { FilterOf } from '../../../src-shared/domain/index.ts';
import type { AreaKind } from './filter-kind.ts';

const PASSES = 2;

const GLSL = `#version 300 es
precision highp float;
uniform sampler2D picture;
uniform float threshold;
out vec4 colour;
vec4 influence(vec4 d) { return sign(d) * min(abs(d), max(2.0 * threshold - abs(d), 0.0)); }
void main() {
  ivec2 p = ivec2(gl_FragCoord.xy);
  ivec2 last = textureSize(picture, 0) - 1;
  vec4 c = texelFetch(picture, p, 0);
  vec4 sum = vec4(0.0);
  // as on the CPU, the edge columns stay as they are
  if (p.x > 0 && p.x < last.x)
    for (int y = -1; y <= 1; y++)
      for (int x = -1; x <= 1; x++)
        sum += influence(texelFetch(picture, ivec2(p.x + x, clamp(p.y + y, 0, last.y)), 0) - c);
  colour = c + sum / 8.0;
}`;

export const denoise: AreaKind<FilterOf<'denoise'>> = {
  shape: 'area',
  cpu(run, filter) {
    const { width, height } = run.size;
    for (let pass = 0; pass < PASSES; pass++) {
      const to = run.spare(width * height * 4 + 64);
      run.kernels.denoise(run.pixels, to, width, height, thresholdOf(filter));
      run.pixels = to;
    }
  },
  gl(run, input, filter) {
    let picture = input;
    for (let pass = 0; pass < PASSES; pass++) picture = run.draw(GLSL, { picture }, { threshold: thresholdOf(filter) / 255 });
    return picture;
  },
  changesAlpha: () => false,
};

/** in levels, 1..21 */
function thresholdOf({ strengthPct }: FilterOf<'denoise'>): number {
  return Math.round(1 + strengthPct * 0.2);
}
