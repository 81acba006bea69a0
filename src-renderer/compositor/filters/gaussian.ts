/** Weights of a Gaussian for kernels that take one for the middle and one for each distance from it. */

/** a kernel looks at most so far */
const RADIUS_MAX = 12;
export const WEIGHTS_MAX = RADIUS_MAX + 1;

/** In 256ths, adding up to 256: the middle, and each distance once. */
export function gaussianWeights(sigma: number): number[] {
  const radius = Math.min(RADIUS_MAX, Math.max(1, Math.ceil(sigma * 3)));
  const raw = Array.from({ length: radius + 1 }, (_, distance) => Math.exp(-(distance * distance) / (2 * sigma * sigma)));
  const total = raw.reduce((sum, weight, distance) => sum + weight * (distance === 0 ? 1 : 2), 0);
  const sides = raw.slice(1).map((weight) => Math.round((256 * weight) / total));
  return [256 - 2 * sides.reduce((sum, weight) => sum + weight, 0), ...sides];
}

/** One direction of a separable sum; edges repeated. */
export const CONVOLVE_GLSL = `#version 300 es
precision highp float;
uniform sampler2D picture;
uniform ivec2 way;
uniform float weights[${WEIGHTS_MAX}];
out vec4 colour;
void main() {
  ivec2 p = ivec2(gl_FragCoord.xy);
  ivec2 last = textureSize(picture, 0) - 1;
  vec4 sum = texelFetch(picture, p, 0) * weights[0];
  for (int k = 1; k < ${WEIGHTS_MAX}; k++) {
    if (weights[k] == 0.0) break;
    sum += (texelFetch(picture, clamp(p - k * way, ivec2(0), last), 0) + texelFetch(picture, clamp(p + k * way, ivec2(0), last), 0)) * weights[k];
  }
  colour = sum;
}`;

/** As a uniform array: parts of one, filled up with zeros. */
export function weightsUniform(weights: readonly number[]): number[] {
  return Array.from({ length: WEIGHTS_MAX }, (_, index) => (weights[index] ?? 0) / 256);
}
