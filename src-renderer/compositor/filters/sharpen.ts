/**
 * Sharpen: an unsharp mask on luma, so that edges get no coloured seams. With Y blurred by a Gaussian of σ:
 *
 *   c' = c + amount · clamp(Y - Y_σ, -½, ½)      on premultiplied colours, held within 0..α
 */
import type { FilterOf } from '../../../src-shared/domain/index.ts';
import { convolved } from './blur.ts';
import type { AreaKind } from './filter-kind.ts';
import { CONVOLVE_GLSL, gaussianWeights, weightsUniform } from './gaussian.ts';
import { LUMA_GLSL } from './ycbcr.ts';

const SHARPEN_GLSL = `#version 300 es
precision highp float;
uniform sampler2D picture;
uniform sampler2D blurred;
uniform float amount;
out vec4 colour;
void main() {
  ivec2 p = ivec2(gl_FragCoord.xy);
  vec4 c = texelFetch(picture, p, 0);
  float more = dot(c.rgb - texelFetch(blurred, p, 0).rgb, ${LUMA_GLSL});
  colour = vec4(clamp(c.rgb + amount * clamp(more, -0.5, 0.5), 0.0, c.a), c.a);
}`;

export const sharpen: AreaKind<FilterOf<'sharpen'>> = {
  shape: 'area',
  cpu(run, { amountPct, sigmaPx }) {
    const count = run.size.width * run.size.height;
    const plane = run.spare(count + 64);
    run.kernels.lumaOf(run.pixels, plane, count);
    const blurred = convolved(run, plane, run.size, 1, gaussianWeights(Math.max(0.3, sigmaPx * run.scale)));
    run.kernels.sharpen(run.pixels, count, plane, blurred, Math.round(amountPct * 0.64));
  },
  gl(run, input, { amountPct, sigmaPx }) {
    const weights = weightsUniform(gaussianWeights(Math.max(0.3, sigmaPx * run.scale)));
    const rows = run.draw(CONVOLVE_GLSL, { picture: input }, { way: [1, 0], weights });
    const blurred = run.draw(CONVOLVE_GLSL, { picture: rows }, { way: [0, 1], weights });
    return run.draw(SHARPEN_GLSL, { picture: input, blurred }, { amount: amountPct / 100 });
  },
  changesAlpha: () => false,
};
